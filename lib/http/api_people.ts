import type { z } from "zod";
import type { Cluster } from "../chat/cluster.ts";
import type { People } from "../chat/people.ts";
import type { Rooms } from "../chat/rooms.ts";
import { utf8Length } from "../kit/utf8.ts";
import type { BODIES } from "../protocol/api.ts";
import { type Ending, ENDINGS, Refusal } from "../protocol/codes.ts";
import { encode } from "../protocol/encode.ts";
import type { Log } from "../telemetry/log.ts";
import { checkWriting } from "./api_access.ts";
import type { ApiAnswer, ApiCall } from "./api_route.ts";

type EventCall = ApiCall<unknown, z.infer<typeof BODIES.EventRequest>>;

/** RFC 6455 §5.5: a close frame holds 125 bytes, two of which are the code. */
const MAX_REASON_BYTES = 123;
const SENT: ApiAnswer = { status: 200, body: { sent: true } };

/** Tells rooms and people what is not kept, and sends people away. */
export class ApiPeople {
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #cluster: Cluster;
  readonly #log: Log;

  constructor(rooms: Rooms, people: People, cluster: Cluster, log: Log) {
    this.#rooms = rooms;
    this.#people = people;
    this.#cluster = cluster;
    this.#log = log;
  }

  /** `POST /api/rooms/<roomId>/events` */
  async tellRoom({ caller, target: roomId, body: { event, data } }: EventCall): Promise<ApiAnswer | Refusal> {
    const refusal = checkWriting(caller, roomId);
    if (refusal !== undefined) return refusal;
    using lease = await this.#rooms.lease(roomId);
    if (lease === undefined) return new Refusal("room_not_found");
    if (!this.#cluster.isUp) return new Refusal("unavailable");
    this.#rooms.broadcast(roomId, encode({ type: "event", event, data, roomId }), { droppable: true });
    return SENT;
  }

  /** `POST /api/users/<userId>/events` */
  tellPerson({ target: userId, body: { event, data } }: EventCall): Promise<ApiAnswer | Refusal> {
    return this.#tell(userId, encode({ type: "event", event, data }), true);
  }

  /** `POST /api/users/<userId>/notifications` */
  notify(
    { target: userId, body }: ApiCall<unknown, z.infer<typeof BODIES.NotificationRequest>>,
  ): Promise<ApiAnswer | Refusal> {
    const { title, body: text, data } = body;
    return this.#tell(userId, encode({ type: "notification", title, body: text, data }), false);
  }

  /** `POST /api/users/<userId>/disconnect` */
  async disconnect(
    { caller, target: userId, body: { reason } }: ApiCall<unknown, z.infer<typeof BODIES.DisconnectRequest>>,
  ): Promise<ApiAnswer | Refusal> {
    if (!this.#cluster.isUp) return new Refusal("unavailable");
    const disconnected = await this.#people.end(userId, explainEnding(reason));
    const by = caller.hasKey ? "key" : caller.user.userId;
    this.#log.info("api_disconnect", { userId, by, connections: disconnected });
    return { status: 200, body: { disconnected } };
  }

  #tell(userId: string, line: string, droppable: boolean): Promise<ApiAnswer | Refusal> {
    if (!this.#cluster.isUp) return Promise.resolve(new Refusal("unavailable"));
    this.#people.tell(userId, line, droppable);
    return Promise.resolve(SENT);
  }
}

/** The close code's own words, and after them as much of the reason as a close frame holds. */
function explainEnding(reason: string | undefined): Ending {
  const { code, reason: words } = ENDINGS.disconnected;
  if (reason === undefined) return ENDINGS.disconnected;
  const characters = [...`${words}: ${reason}`].slice(0, MAX_REASON_BYTES);
  while (utf8Length(characters.join("")) > MAX_REASON_BYTES) characters.pop();
  return { code, reason: characters.join("") };
}
