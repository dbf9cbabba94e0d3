import { ParleyError, type TokenReason } from "../sdk/mod.ts";
import { saveSession, type Session, signInAsGuest, SignInError } from "./session.ts";

/** Holds the session while it is used, and gets a guest another token when the first has ended. */
export class SessionKeeper {
  #session: Session;
  #hasExpired = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Who is signed in, as far as is known before the first welcome. */
  get me(): { userId: string; username: string } {
    return { userId: this.#session.userId ?? "", username: this.#session.username ?? "" };
  }

  /** Why there is no token any more. */
  get end(): "session_ended" | "token_refused" {
    return this.#session.guest || this.#hasExpired ? "session_ended" : "token_refused";
  }

  /** Gives the token for a connection; throws a `ParleyError` when only its owner has another. */
  async token(reason: TokenReason): Promise<string> {
    if (reason === "first") return this.#session.token;
    this.#hasExpired = reason === "expired";
    const { guest, username, guestKey } = this.#session;
    if (!guest || username === undefined) {
      throw new ParleyError("token_needed", "Only its owner has a new token");
    }
    try {
      const { token } = await signInAsGuest(username, guestKey);
      this.#keep({ ...this.#session, token });
      return token;
    } catch (error) {
      // Anything else may pass, and is tried again.
      if (error instanceof SignInError && error.code === "guests_off") {
        throw new ParleyError(error.code, error.message);
      }
      throw error;
    }
  }

  /** Learns from the server who this is; says whether it is someone else than before. */
  recognise({ userId, username }: { userId: string; username: string }): "same" | "other" {
    const before = this.#session.userId;
    this.#keep({ ...this.#session, userId, username });
    return before === undefined || before === userId ? "same" : "other";
  }

  #keep(session: Session): void {
    this.#session = session;
    saveSession(session);
  }
}
