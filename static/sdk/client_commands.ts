import type { ParleyClientEvents } from "./client_events.ts";
import { TypedEvents } from "./typed_events.ts";
import type {
  Command,
  MessageOf,
  Moderation,
  NewRoom,
  RoomChanges,
  RoomInfo,
  RoomSettings,
  SearchPage,
  SearchRequest,
  ServerMessage,
} from "./types.ts";

/** The commands of a client that are a question and its answer; each rejects with a `ParleyError`. */
export abstract class ClientCommands extends TypedEvents<ParleyClientEvents> {
  protected abstract askFor<T extends ServerMessage["type"]>(
    command: Command,
    type: T,
  ): Promise<MessageOf<T>>;
  #availability: "online" | "away" = "online";

  /** Tells whether somebody looks at this device; a new connection is told again. */
  setAvailability(status: "online" | "away"): void {
    if (status === this.#availability) return;
    this.#availability = status;
    this.tellAvailability();
  }

  protected get isAway(): boolean {
    return this.#availability === "away";
  }

  protected tellAvailability(): void {
    this.askFor({ type: "presence", status: this.#availability }, "ok").catch(() => {});
  }

  /** The rooms that may be joined. */
  async rooms(): Promise<RoomInfo[]> {
    return (await this.askFor({ type: "rooms" }, "rooms")).rooms;
  }

  /** Makes a room whose owner we are; it is not joined yet. */
  async create(room: NewRoom): Promise<RoomSettings> {
    return await this.askFor({ type: "create", ...room }, "created");
  }

  /** Changes a room; a `password` of `null` removes it. */
  async update(roomId: string, changes: RoomChanges): Promise<RoomSettings> {
    return await this.askFor({ type: "update", roomId, ...changes }, "updated");
  }

  /** Lets somebody into a private room, and tells them. */
  async invite(roomId: string, userId: string): Promise<void> {
    await this.askFor({ type: "invite", roomId, userId }, "invited");
  }

  /** Kicks, bans, mutes or promotes somebody, or takes it back; without `seconds` it is for good. */
  async moderate(
    roomId: string,
    action: Moderation,
    userId: string,
    options: { seconds?: number; reason?: string } = {},
  ): Promise<void> {
    await this.askFor({ type: "moderate", roomId, action, userId, ...options }, "moderated");
  }

  /** Looks for messages in all our rooms or in one, newest first; `before` is the `timestamp` of the last result. */
  async search(query: string, request: SearchRequest = {}): Promise<SearchPage> {
    return await this.askFor({ type: "search", query, ...request }, "search_results");
  }
}
