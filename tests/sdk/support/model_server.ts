import type { ChatMessage } from "../../../static/sdk/types.ts";
import { fakeNetwork, type FakeSocket, readFrame, type SentCommand } from "./fake_socket.ts";

/**
 * What happens to a `chat`: it is served; the connection is cut before it arrives, after it is kept, or after its `ack`
 * was sent; its `ack` is lost though the connection lives; or it is refused.
 */
export type Fate =
  | "served"
  | "cut before"
  | "cut when kept"
  | "cut after ack"
  | "ack lost"
  | "rate_limited"
  | "unavailable"
  | "forbidden";

const PAGE = 5;

/** A server in a few lines: rooms with logs that know each id once, and a fate for every message. */
export class ModelServer {
  readonly logs = new Map<string, ChatMessage[]>();
  /** Every `chat` that arrived, in order. */
  readonly arrived: SentCommand[] = [];
  /** How often each fate came to pass. */
  readonly fates = new Map<Fate, number>();
  readonly network = fakeNetwork((socket) => this.#accept(socket));
  userId = "ada";
  fate: (command: SentCommand) => Fate = () => "served";
  #members = new Map<FakeSocket, Set<string>>();

  log(roomId: string): ChatMessage[] {
    const log = this.logs.get(roomId) ?? [];
    this.logs.set(roomId, log);
    return log;
  }

  /** What the room holds, in order. */
  contents(roomId = "general"): string[] {
    return this.log(roomId).map((message) => message.content);
  }

  /** Cuts every connection. */
  cutAll(): void {
    for (const socket of [...this.#members.keys()]) this.cut(socket);
  }

  cut(socket: FakeSocket): void {
    this.#members.delete(socket);
    socket.onframe = undefined;
    socket.end(1006);
  }

  #accept(socket: FakeSocket): void {
    queueMicrotask(() => {
      if (socket.readyState !== socket.CONNECTING) return;
      this.#members.set(socket, new Set());
      socket.onframe = (frame) => queueMicrotask(() => this.#read(socket, frame));
      socket.welcome({ userId: this.userId });
    });
  }

  #read(socket: FakeSocket, frame: string): void {
    if (frame === "ping") return socket.receiveText("pong");
    for (const command of readFrame(frame)) if (this.#members.has(socket)) this.#serve(socket, command);
  }

  #serve(socket: FakeSocket, command: SentCommand): void {
    if (command.type === "chat") return this.#chat(socket, command);
    const { id, roomId } = command;
    const log = this.log(roomId);
    const after = command.after as number | undefined;
    const start = after ?? Math.max(0, log.length - PAGE);
    const history = log.slice(start, start + PAGE);
    const page = { type: "room_history", roomId, epoch: "e1", seq: log.length, history };
    const more = start + PAGE < log.length;
    if (command.type === "history") return socket.receive({ ...page, id, more });
    this.#members.get(socket)?.add(roomId);
    const room = {
      roomId,
      roomName: roomId,
      members: 1,
      epoch: "e1",
      seq: log.length,
      role: "member",
      read: 0,
    };
    socket.receive({ ...page, recovered: after !== undefined, more }, { type: "joined", id, ...room });
  }

  #chat(socket: FakeSocket, command: SentCommand): void {
    const fate = this.fate(command);
    this.fates.set(fate, (this.fates.get(fate) ?? 0) + 1);
    if (fate === "cut before") return this.cut(socket);
    this.arrived.push(command);
    const { id, roomId } = command;
    const refusal = { type: "error", code: fate, message: fate, id, roomId };
    if (fate === "rate_limited") return socket.receive({ ...refusal, retryAfterMs: 700 });
    if (fate === "unavailable" || fate === "forbidden") return socket.receive(refusal);
    const before = this.log(roomId).find((message) => message.id === id);
    const message = before ?? this.#append(command);
    if (fate === "cut when kept") return this.cut(socket);
    if (!before) this.#tell(message, fate === "ack lost" ? socket : undefined);
    const { seq, timestamp } = message;
    if (fate === "ack lost") return;
    const duplicate = before ? { duplicate: true } : {};
    if (fate === "served") socket.receive({ type: "ack", id, roomId, seq, timestamp, ...duplicate });
    else this.cut(socket);
  }

  #append({ id, roomId, content }: SentCommand): ChatMessage {
    const log = this.log(roomId);
    const author = { userId: this.userId, username: "Ada" };
    const message: ChatMessage = {
      type: "chat",
      id,
      roomId,
      seq: log.length + 1,
      ...author,
      content: content as string,
      timestamp: Date.now(),
    };
    log.push(message);
    return message;
  }

  #tell(message: ChatMessage, except: FakeSocket | undefined): void {
    for (const [socket, rooms] of this.#members) {
      if (socket !== except && rooms.has(message.roomId)) socket.receive(message);
    }
  }
}
