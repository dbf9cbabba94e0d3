import { PasswordsBusy } from "../auth/passwords.ts";
import type { TokenVerifier } from "../auth/token_verifier.ts";
import { isDirect } from "../chat/access.ts";
import type { Administration } from "../chat/administration.ts";
import { checkMute } from "../chat/admission.ts";
import type { Direct } from "../chat/direct.ts";
import type { Directory } from "../chat/directory.ts";
import type { History } from "../chat/history.ts";
import type { Joining } from "../chat/joining.ts";
import type { Moderation } from "../chat/moderation.ts";
import type { People } from "../chat/people.ts";
import type { Posting, Settle } from "../chat/posting.ts";
import type { Presence } from "../chat/presence.ts";
import type { Receipts } from "../chat/receipts.ts";
import type { Reception } from "../chat/reception.ts";
import type { Rooms } from "../chat/rooms.ts";
import type { Searching } from "../chat/searching.ts";
import type { SharedFiles } from "../chat/shared_files.ts";
import type { Uploads } from "../chat/uploads.ts";
import type { Place } from "../chat/visitor.ts";
import { Refusal } from "../protocol/codes.ts";
import { type Command, roomOf } from "../protocol/commands.ts";
import { encode, encodeHistory } from "../protocol/encode.ts";
import type { FileInfo, Message, MessageType } from "../protocol/messages.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { Caller } from "./caller.ts";

/** The parts of the chat that commands reach. */
export interface Chat {
  readonly rooms: Rooms;
  readonly joining: Joining;
  readonly posting: Posting;
  readonly history: History;
  readonly directory: Directory;
  readonly reception: Reception;
  readonly people: People;
  readonly presence: Presence;
  readonly receipts: Receipts;
  readonly direct: Direct;
  readonly administration: Administration;
  readonly moderation: Moderation;
  readonly searching: Searching;
  readonly uploads: Uploads;
  readonly sharedFiles: SharedFiles;
}

export interface DispatchOptions {
  readonly maxRoomsPerConnection: number;
}

/** Commands that cannot be answered before something else has been. */
type Waiting = Exclude<Command, { type: "ping" | "presence" }>;

/** What a command comes to: an answer, a plain "done", or a refusal. */
type Result = Message<MessageType> | Refusal | undefined;

/** Takes each command to the part of the chat that it is for, and brings back its one answer. */
export class Dispatch {
  readonly #chat: Chat;
  readonly #verifier: TokenVerifier;
  readonly #options: DispatchOptions;
  readonly #surprised: (stage: string, error: unknown) => void;

  constructor(
    chat: Chat,
    verifier: TokenVerifier,
    options: DispatchOptions,
    surprised: (stage: string, error: unknown) => void,
  ) {
    this.#chat = chat;
    this.#verifier = verifier;
    this.#options = options;
    this.#surprised = surprised;
  }

  /** Handles one command, whatever happens; a promise, where there is one, never rejects. */
  handle(caller: Caller, command: Command): void | Promise<void> {
    try {
      switch (command.type) {
        case "chat":
        case "typing": {
          const place = caller.places.get(command.roomId);
          if (place === undefined) return this.#wait(caller, command);
          return command.type === "chat"
            ? this.#post(caller, command, place)
            : this.#tell(caller, command, place);
        }
        case "presence":
          return this.#turn(caller, command);
        case "ping":
          return this.#answer(caller, command, { type: "pong", id: command.id, timestamp: Date.now() });
        case "file_end":
          // Takes as long as the file is large: what the person says meanwhile does not wait for it.
          return void this.#wait(caller, command);
        default:
          return this.#wait(caller, command);
      }
    } catch (error) {
      this.#fail(caller, command, error);
    }
  }

  async #wait(caller: Caller, command: Waiting): Promise<void> {
    try {
      const result = await this.#find(caller, command);
      if (result !== "answered") this.#answer(caller, command, result);
    } catch (error) {
      this.#fail(caller, command, error);
    }
  }

  #fail(caller: Caller, command: Command, error: unknown): void {
    const isOutage = error instanceof StoreUnavailable || error instanceof PasswordsBusy;
    if (!isOutage) this.#surprised(command.type, error);
    this.#answer(caller, command, new Refusal(isOutage ? "unavailable" : "internal"));
  }

  #find(caller: Caller, command: Waiting): Promise<Result | "answered"> {
    const { receipts, administration, moderation, uploads } = this.#chat;
    switch (command.type) {
      case "auth":
        return this.#renew(caller, command);
      case "join":
        return this.#join(caller, command);
      case "leave":
        return this.#leave(caller, command);
      case "history":
        return this.#history(caller, command);
      case "members":
        return this.#members(caller, command);
      case "rooms":
        return this.#rooms(caller, command);
      case "receipt":
        return receipts.move(caller, command);
      case "dm":
        return this.#direct(caller, command);
      case "create":
        return administration.create(caller.user, command);
      case "update":
        return administration.update(caller.user, command);
      case "invite":
        return administration.invite(caller.user, command);
      case "moderate":
        return moderation.moderate(caller.user, command);
      case "search":
        return this.#search(caller, command);
      case "file_begin":
        return uploads.begin(caller, command);
      case "file_end":
        return this.#endFile(caller, command);
      case "file_abort":
        return uploads.abort(caller, command);
      case "chat":
      case "typing":
        return this.#chat.directory.explainAbsence(caller.user, command.roomId);
    }
  }

  #answer(caller: Caller, command: Command, result: Result): void {
    if (result instanceof Refusal) caller.refuse(result, command.id, roomOf(command));
    else if (result !== undefined) caller.push(encode(result));
    else if (command.id !== undefined) caller.push(encode({ type: "ok", id: command.id }));
  }

  #post(
    caller: Caller,
    command: Command<"chat">,
    { room, attendee }: Place,
    file?: FileInfo,
  ): void | Promise<void> {
    const { id, roomId, content, replyTo, fileId } = command;
    const muted = attendee.mutedUntil === 0 ? undefined : checkMute(attendee.mutedUntil);
    if (muted !== undefined) return this.#answer(caller, command, muted);
    if (fileId !== undefined && file === undefined) return this.#attach(caller, command, fileId);
    const acknowledge = this.#acknowledge(caller, id, roomId);
    const settle: Settle = file === undefined ? acknowledge : (outcome, madeId) => {
      acknowledge(outcome, madeId);
      if (!(outcome instanceof Refusal)) {
        void this.#chat.sharedFiles.notePost(file.fileId, room, outcome.seq);
      }
    };
    this.#chat.posting.post(caller.user, room, { id, content, replyTo, file }, settle);
  }

  async #attach(caller: Caller, command: Command<"chat">, fileId: string): Promise<void> {
    try {
      const file = await this.#chat.sharedFiles.attach(caller.user, command.roomId, fileId);
      if (file instanceof Refusal) return this.#answer(caller, command, file);
      const place = caller.places.get(command.roomId);
      if (place === undefined) await this.#wait(caller, command);
      else this.#post(caller, command, place, file);
    } catch (error) {
      this.#fail(caller, command, error);
    }
  }

  async #endFile(caller: Caller, command: Command<"file_end">): Promise<Result> {
    const posted = await this.#chat.uploads.end(caller, command);
    if (posted instanceof Refusal) return posted;
    const { roomId, seq, timestamp, duplicate } = posted;
    return { type: "ack", id: command.id, roomId, seq, timestamp, duplicate: duplicate || undefined };
  }

  #acknowledge(caller: Caller, id: string | undefined, roomId: string): Settle {
    return (outcome) => {
      if (outcome instanceof Refusal) return caller.refuse(outcome, id, roomId);
      const { seq, timestamp } = outcome;
      const duplicate = outcome.duplicate || undefined;
      caller.push(encode({ type: "ack", id, roomId, seq, timestamp, duplicate }));
    };
  }

  async #direct(caller: Caller, command: Command<"dm">): Promise<Result | "answered"> {
    const settle = (roomId: string) => this.#acknowledge(caller, command.id, roomId);
    return await this.#chat.direct.send(caller.user, command, settle) ?? "answered";
  }

  #turn(caller: Caller, command: Command<"presence">): void {
    caller.availability = command.status;
    this.#chat.presence.turn(caller);
    this.#answer(caller, command, undefined);
  }

  async #search(caller: Caller, command: Command<"search">): Promise<Result> {
    const found = await this.#chat.searching.search(caller.user, command);
    return found instanceof Refusal ? found : { type: "search_results", id: command.id, ...found };
  }

  #tell(caller: Caller, command: Command<"typing">, { attendee }: Place): void {
    const { roomId, isTyping } = command;
    const muted = isTyping && attendee.mutedUntil !== 0 ? checkMute(attendee.mutedUntil) : undefined;
    if (muted !== undefined) return this.#answer(caller, command, muted);
    const { userId, username } = caller.user;
    const text = encode({ type: "typing", roomId, userId, username, isTyping });
    this.#chat.rooms.broadcast(roomId, text, { droppable: true, except: caller });
    this.#answer(caller, command, undefined);
  }

  async #join(caller: Caller, command: Command<"join">): Promise<Result | "answered"> {
    const { maxRoomsPerConnection } = this.#options;
    if (!caller.places.has(command.roomId) && countJoined(caller) >= maxRoomsPerConnection) {
      const message = `Too many rooms: at most ${maxRoomsPerConnection} per connection`;
      return new Refusal("limit_exceeded", { message });
    }
    return await this.#chat.joining.join(caller, command) ?? "answered";
  }

  async #leave(caller: Caller, { id, roomId }: Command<"leave">): Promise<Result> {
    return await this.#chat.joining.leave(caller, roomId) ?? { type: "left", id, roomId };
  }

  async #history(caller: Caller, command: Command<"history">): Promise<Result | "answered"> {
    const { id, roomId } = command;
    const refusal = await this.#chat.directory.checkMember(caller.user, roomId);
    if (refusal !== undefined) return refusal;
    const { history, ...page } = await this.#chat.history.page(roomId, command);
    caller.push(encodeHistory({ id, roomId, ...page }, history));
    return "answered";
  }

  async #members(caller: Caller, { id, roomId }: Command<"members">): Promise<Result> {
    const found = await this.#chat.directory.members(caller.user, roomId);
    return found instanceof Refusal ? found : { type: "members", id, roomId, ...found };
  }

  async #rooms(caller: Caller, { id }: Command<"rooms">): Promise<Result> {
    return { type: "rooms", id, rooms: await this.#chat.directory.rooms(caller.user) };
  }

  async #renew(caller: Caller, { id, token }: Command<"auth">): Promise<Result> {
    const identity = await this.#verifier.verify(token);
    if (typeof identity === "string" || identity.userId !== caller.user.userId) {
      return new Refusal("forbidden");
    }
    caller.renew(identity);
    this.#chat.joining.recall(caller);
    const { userId, username, expiresAt } = identity;
    return { type: "authenticated", id, userId, username, expiresAt };
  }
}

/** Direct rooms do not count: other people open those. */
function countJoined({ places }: Caller): number {
  let count = 0;
  for (const roomId of places.keys()) if (!isDirect(roomId)) count++;
  return count;
}
