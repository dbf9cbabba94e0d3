import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encode } from "../protocol/encode.ts";
import type { Message } from "../protocol/messages.ts";
import type { Store } from "../store/store.ts";
import { FOREVER, type Standing, type StandingChange } from "../store/standing.ts";
import type { Administration } from "./administration.ts";
import { Cluster } from "./cluster.ts";
import type { Sentence } from "./letters.ts";
import type { User } from "./member.ts";
import { isAllowed } from "./permissions.ts";
import type { Presence } from "./presence.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

type Action = Command<"moderate">["action"];

/** What is said of each action in the room. */
const DONE: Record<Action, string> = {
  kick: "removed",
  ban: "banned",
  unban: "unbanned",
  mute: "muted",
  unmute: "unmuted",
  promote: "made an admin of",
  demote: "made a plain member of",
};

/** So many people are looked at side by side. */
const SIDE_BY_SIDE = 100;

/** Keeps order in rooms: who is out, who is silent, who helps. */
export class Moderation {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #presence: Presence;
  readonly #administration: Administration;
  readonly #cluster: Cluster;

  constructor(
    store: Store,
    rooms: Rooms,
    presence: Presence,
    administration: Administration,
    cluster: Cluster = new Cluster(),
  ) {
    this.#store = store;
    this.#rooms = rooms;
    this.#presence = presence;
    this.#administration = administration;
    this.#cluster = cluster;
    cluster.answer("moderated", (sentence) => this.#enforce(sentence));
    rooms.onMissed = (room) => this.#lookAgain(room);
  }

  /** Does it, durably; it is in effect on every connection before the moderator is told. */
  async moderate(user: User, command: Command<"moderate">): Promise<Message<"moderated"> | Refusal> {
    const { id, roomId, action, userId, seconds, reason } = command;
    const refusal = await this.#administration.check(user, roomId, action);
    if (refusal !== undefined) return refusal;
    const actor = await this.#store.standing(roomId, user.userId);
    const target = await this.#store.standing(roomId, userId);
    const isSelf = userId === user.userId;
    if (isSelf || !isAllowed(user, actor?.role ?? null, action, target?.role ?? null)) {
      return new Refusal("forbidden");
    }
    const change = changeFor(action, target, seconds);
    if (change === undefined) return new Refusal("user_not_found");
    const standing = await this.#store.changeStanding(roomId, userId, change);
    await this.#tell(user, command, standing);
    return { type: "moderated", id, roomId, action, userId, seconds, reason };
  }

  /** Puts a standing into effect on every node, and tells the room. */
  async #tell(user: User, command: Command<"moderate">, standing: Standing): Promise<void> {
    const { roomId, action, userId, seconds, reason } = command;
    const { username, mutedUntil, role } = standing;
    const attendance = this.#rooms.live(roomId)?.attendance;
    const isOut = role === null;
    const isPresent = attendance?.get(userId) !== undefined;
    const line = encode({
      type: "system",
      roomId,
      event: action,
      userId,
      username,
      by: user.userId,
      seconds,
      reason,
      message: `${user.username} ${DONE[action]} ${username}`,
      members: attendance && attendance.size - Number(isOut && isPresent),
      timestamp: Date.now(),
    });
    const sentence = { roomId, userId, isOut, mutedUntil, line };
    this.#enforce(sentence);
    await this.#cluster.ask("moderated", sentence);
  }

  /** Puts into effect here what a moderator has done. */
  #enforce({ roomId, userId, isOut, mutedUntil, line }: Sentence): true {
    const room = this.#rooms.live(roomId);
    if (room === undefined) return true;
    using _ = this.#rooms.hold(room);
    room.unsettle(userId);
    const attendee = room.attendance.get(userId);
    if (attendee !== undefined) attendee.mutedUntil = mutedUntil;
    if (isOut) {
      for (const visitor of room.evict(userId)) visitor.push(line);
      this.#presence.remove(room, userId);
    }
    room.tell(line);
    return true;
  }

  /** Compares everybody who has a seat here with what is kept of them: what a moderator did may have been missed. */
  async #lookAgain(room: Room): Promise<void> {
    const seated = [...room.attendance].filter(({ connections }) => connections > 0);
    for (let i = 0; i < seated.length; i += SIDE_BY_SIDE) {
      await Promise.all(seated.slice(i, i + SIDE_BY_SIDE).map(({ userId }) => this.#compare(room, userId)));
    }
  }

  async #compare(room: Room, userId: string): Promise<void> {
    const standing = await this.#store.standing(room.roomId, userId);
    const attendee = room.attendance.get(userId);
    if (attendee === undefined || standing === undefined) return;
    attendee.mutedUntil = standing.mutedUntil;
    if (standing.role !== null) return;
    for (const visitor of room.evict(userId)) {
      visitor.push(encode({ type: "left", roomId: room.roomId }));
      this.#presence.leave(room, visitor.user);
    }
  }
}

/** What an action changes; `undefined` if it makes no sense for somebody who is no member. */
function changeFor(
  action: Action,
  target: Standing | undefined,
  seconds: number | undefined,
): StandingChange | undefined {
  const until = seconds === undefined ? FOREVER : Date.now() + seconds * 1000;
  const isMember = target !== undefined && target.role !== null;
  switch (action) {
    case "ban":
      return { role: null, isInvited: false, bannedUntil: until };
    case "unban":
      return { bannedUntil: 0 };
    case "mute":
      return { mutedUntil: until };
    case "unmute":
      return { mutedUntil: 0 };
    case "kick":
      return isMember ? { role: null } : undefined;
    case "promote":
      return isMember ? { role: "admin" } : undefined;
    case "demote":
      return isMember ? { role: "member" } : undefined;
  }
}
