import { isDirect, otherOf, type ServerMessage } from "../sdk/mod.ts";

const MOST_KNOWN = 5_000;

/** Somebody as this page knows them. */
export type Person = { userId: string; username: string };

/** Everybody whose name this page has heard. */
export class People {
  readonly #names = new Map<string, string>();

  /** Learns the names that stand in what the server says. */
  hear(message: ServerMessage): void {
    if (message.type === "room_history") { for (const said of message.history) this.#note(said); }
    else if (message.type === "members") { for (const member of message.members) this.#note(member); }
    else if ("userId" in message && "username" in message && message.userId && message.username) {
      this.#note({ userId: message.userId, username: message.username });
    }
  }

  nameOf(userId: string): string | undefined {
    return this.#names.get(userId);
  }

  /** What a room is called; one of two people by the name of the other. */
  titleOf(roomId: string, roomName: string, myId: string): string {
    if (!isDirect(roomId) || roomName !== roomId) return roomName;
    const other = otherOf(roomId, myId);
    return this.nameOf(other) ?? other;
  }

  /** Everybody, by name. */
  all(): Person[] {
    return [...this.#names].map(([userId, username]) => ({ userId, username }))
      .sort((one, other) => one.username.localeCompare(other.username));
  }

  /** Those who have this id or name; a name may stand after `@` and in any case. */
  find(text: string): Person[] {
    const username = this.#names.get(text);
    if (username !== undefined) return [{ userId: text, username }];
    const name = text.replace(/^@/, "").toLowerCase();
    return this.all().filter((person) => person.username.toLowerCase() === name);
  }

  #note({ userId, username }: Person): void {
    if (this.#names.get(userId) === username) return;
    this.#names.set(userId, username);
    if (this.#names.size > MOST_KNOWN) this.#names.delete(this.#names.keys().next().value!);
  }
}
