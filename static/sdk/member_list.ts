import type { BannedInfo, ChatMessage, MemberInfo, Presence, Receipt, SystemMessage } from "./types.ts";

/**
 * Who is in a room, and how far each has read: as the server listed it, and what was told since. It is kept only for
 * who has asked; each change says whether there was one.
 */
export class MemberList {
  #members: Map<string, MemberInfo> | undefined;
  #banned: Map<string, BannedInfo> | undefined;

  /** Whether anybody has asked. */
  get isKept(): boolean {
    return this.#members !== undefined;
  }

  /** Empty until somebody asks. */
  get members(): readonly MemberInfo[] {
    return [...this.#members?.values() ?? []];
  }

  /** Who may not come in; `undefined` for who is not told. */
  get banned(): readonly BannedInfo[] | undefined {
    return this.#banned && [...this.#banned.values()];
  }

  /** Takes the server's lists. */
  take(members: readonly MemberInfo[], banned?: readonly BannedInfo[]): void {
    this.#members = new Map(members.map((member) => [member.userId, member]));
    this.#banned = banned && new Map(banned.map((person) => [person.userId, person]));
  }

  presence({ userId, status, lastSeen }: Presence): boolean {
    return this.#change(userId, { status, ...(lastSeen === undefined ? {} : { lastSeen }) });
  }

  /** Cursors only move forward, and what was read was delivered. */
  receipt({ userId, seq, status }: Pick<Receipt, "userId" | "seq" | "status">): boolean {
    const member = this.#members?.get(userId);
    if (!member) return false;
    const delivered = Math.max(member.delivered, seq);
    const read = status === "read" ? Math.max(member.read, seq) : member.read;
    if (delivered === member.delivered && read === member.read) return false;
    return this.#change(userId, { delivered, read });
  }

  /** Who writes has read what was there. */
  wrote({ userId, seq }: ChatMessage): boolean {
    return this.receipt({ userId, seq, status: "read" });
  }

  system({ event, userId, username, timestamp, seconds }: SystemMessage): boolean {
    if (userId === undefined) return false;
    const until = seconds === undefined ? undefined : timestamp + seconds * 1000;
    switch (event) {
      case "join":
        return this.#join(userId, username ?? userId);
      case "leave":
        return this.#change(userId, { status: "offline", connections: 0, lastSeen: timestamp });
      case "mute":
        return this.#change(userId, { mutedUntil: until ?? null });
      case "unmute":
        return this.#change(userId, { mutedUntil: undefined });
      case "unban":
        return this.#banned?.delete(userId) ?? false;
      case "ban":
        this.#banned?.set(userId, { userId, username: username ?? userId, until });
        return this.#members?.delete(userId) || this.#banned !== undefined;
      case "kick":
        return this.#members?.delete(userId) ?? false;
      case "promote":
        return this.#change(userId, { role: "admin" });
      case "demote":
        return this.#change(userId, { role: "member" });
      default:
        return false;
    }
  }

  #join(userId: string, username: string): boolean {
    if (this.#change(userId, { username, status: "online", connections: 1 })) return true;
    const fresh = { status: "online", role: "member", connections: 1, delivered: 0, read: 0 };
    this.#members?.set(userId, { userId, username, ...fresh });
    return this.isKept;
  }

  #change(userId: string, changes: Partial<MemberInfo>): boolean {
    const member = this.#members?.get(userId);
    if (!member) return false;
    this.#members!.set(userId, { ...member, ...changes });
    return true;
  }
}
