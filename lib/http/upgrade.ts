import type { TokenVerifier } from "../auth/token_verifier.ts";
import { Connection } from "../connection/connection.ts";
import { type Opening, openingFor } from "../connection/opening.ts";
import { idleTimeoutSeconds } from "../connection/life_signs.ts";
import type { ConnectionParts } from "../connection/parts.ts";
import { ENDINGS } from "../protocol/codes.ts";
import { type Credentials, readCredentials, SUBPROTOCOL } from "./credentials.ts";
import { checkHandshake } from "./handshake.ts";
import { ORIGIN_REFUSED, type Origins } from "./origins.ts";
import { answerStatus } from "./problem.ts";

/** Turns requests into connections. */
export class Upgrade {
  readonly #origins: Origins;
  readonly #parts: ConnectionParts;

  constructor(origins: Origins, parts: ConnectionParts) {
    this.#origins = origins;
    this.#parts = parts;
  }

  /**
   * Answers an opening handshake: with a refusal, or with 101 and a connection behind it.
   *
   * At once: where a peer goes while it waits for the answer, the runtime keeps its socket for good. So who it is is
   * found out behind the handshake.
   */
  answer(request: Request, url: URL): Response {
    const { connections, verifier, options } = this.#parts;
    const refusal = checkHandshake(request);
    if (refusal !== undefined) return refusal;
    if (!this.#origins.allows(request.headers)) return answerStatus(403, ORIGIN_REFUSED);
    if (connections.isFull) return answerStatus(503, "Too many connections", { "retry-after": "5" });
    // The headers cannot be read any more once the request is upgraded.
    const credentials = readCredentials(request.headers, url);
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: idleTimeoutSeconds(options.heartbeatMs),
    });
    if (credentials.speaksParley) response.headers.set("sec-websocket-protocol", SUBPROTOCOL);
    new Connection(socket, () => open(credentials, verifier), credentials.speaksParley, this.#parts);
    return response;
  }
}

async function open({ token }: Credentials, verifier: TokenVerifier): Promise<Opening> {
  if (token === undefined) return "unauthenticated";
  if (token === "conflict") return ENDINGS.invalidToken;
  return openingFor(await verifier.verify(token));
}
