import type { z } from "zod";
import { checkMute, checkUntil } from "../chat/admission.ts";
import type { User } from "../chat/member.ts";
import type { Post, Posting } from "../chat/posting.ts";
import type { Lease, Rooms } from "../chat/rooms.ts";
import type { BODIES } from "../protocol/api.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Store } from "../store/store.ts";
import { type ApiCaller, checkWriting } from "./api_access.ts";
import type { ApiAnswer, ApiCall } from "./api_route.ts";

export interface ApiPublishOptions {
  /** Whether publishing to an unknown room makes it. */
  readonly roomCreation: "anyone" | "admin";
}

type Publication = z.infer<typeof BODIES.PublishRequest>;

/** Publishes messages for programs: the same log, the same numbers and the same members as for anybody's. */
export class ApiPublish {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #posting: Posting;
  readonly #options: ApiPublishOptions;

  constructor(store: Store, rooms: Rooms, posting: Posting, options: ApiPublishOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#posting = posting;
    this.#options = options;
  }

  /** `POST /api/rooms/<roomId>/messages`: 201, or 200 if the id was there already. */
  async publish({ caller, target, body }: ApiCall<unknown, Publication>): Promise<ApiAnswer | Refusal> {
    return await this.#publish(caller, target, body);
  }

  /** `POST /api/message`, the older spelling of it. */
  async send(
    { caller, body }: ApiCall<unknown, z.infer<typeof BODIES.MessageRequest>>,
  ): Promise<ApiAnswer | Refusal> {
    const answer = await this.#publish(caller, body.roomId, { content: body.text });
    return answer instanceof Refusal ? answer : { status: 200, body: { sent: true } };
  }

  async #publish(caller: ApiCaller, roomId: string, publication: Publication): Promise<ApiAnswer | Refusal> {
    const refusal = checkWriting(caller, roomId) ?? await this.#checkStanding(caller, roomId);
    if (refusal !== undefined) return refusal;
    const opened = await this.#open(roomId);
    if (opened instanceof Refusal) return opened;
    using lease = opened;
    const { username = caller.author.username, ...post } = publication;
    return await this.#post({ ...caller.author, username }, lease, post);
  }

  #post(user: User, { room }: Lease, post: Post): Promise<ApiAnswer | Refusal> {
    const { promise, resolve } = Promise.withResolvers<ApiAnswer | Refusal>();
    this.#posting.post(user, room, post, (outcome, id) => {
      if (outcome instanceof Refusal) return resolve(outcome);
      const { seq, timestamp, duplicate } = outcome;
      resolve({ status: duplicate ? 200 : 201, body: { id, roomId: room.roomId, seq, timestamp } });
    });
    return promise;
  }

  /** An administrator of the server may still be banned or muted in a room of somebody else's. */
  async #checkStanding({ user, hasKey }: ApiCaller, roomId: string): Promise<Refusal | undefined> {
    if (hasKey) return undefined;
    const standing = await this.#store.standing(roomId, user.userId);
    return checkUntil(standing?.bannedUntil) ?? checkMute(standing?.mutedUntil);
  }

  async #open(roomId: string): Promise<Lease | Refusal> {
    const lease = await this.#rooms.lease(roomId);
    if (lease !== undefined) return lease;
    if (this.#options.roomCreation === "admin") return new Refusal("room_not_found");
    const room = { roomId, roomName: roomId, visibility: "public" as const, passwordHash: null };
    return (await this.#rooms.create(room)).lease;
  }
}
