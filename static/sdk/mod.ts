/**
 * The client library of Parley: for browsers, Deno and Node 22, without dependencies. It reconnects, resumes where it
 * was, and sends what was written while there was no connection, once and in order.
 *
 * ```ts
 * import { ParleyClient } from "./mod.ts";
 *
 * const client = new ParleyClient({
 *   url: "ws://127.0.0.1:8080/ws",
 *   token: () => localStorage.getItem("token") ?? "", // asked again when the token ends
 * });
 * client.addEventListener("state", (event) => console.log(event.detail.name));
 *
 * async function sayHello(): Promise<void> {
 *   await client.connect();
 *   const room = await client.join("general");
 *   for (const { username, content } of room.messages) console.log(`${username}: ${content}`);
 *   room.addEventListener("chat", ({ detail }) => console.log(`${detail.username}: ${detail.content}`));
 *
 *   const { seq } = await room.send("Hello!").acked;
 *   console.log(`The server has kept it as message ${seq}.`);
 * }
 * ```
 *
 * @module
 */
export { ParleyClient } from "./client.ts";
export type { ParleyClientEvents } from "./client_events.ts";
export type { ParleyClientOptions } from "./client_options.ts";
export type { ConnectionState } from "./connection.ts";
export { directRoomId, isDirect, otherOf } from "./direct.ts";
export { ParleyError } from "./errors.ts";
export { Excerpt } from "./excerpt.ts";
export { IndexedDbStore } from "./indexed_db_store.ts";
export { MemoryStore } from "./memory_store.ts";
export { newId } from "./new_id.ts";
export type { OutgoingError, OutgoingMessage, OutgoingStatus } from "./outgoing.ts";
export type { FileSource, OutgoingFile, OutgoingFileStatus, SendFileOptions } from "./outgoing_file.ts";
export { Room, type RoomEvents } from "./room.ts";
export type { JoinOptions } from "./room_link.ts";
export type { Token, TokenReason } from "./tokens.ts";
export type * from "./types.ts";
export type { StoredMessage, UnsentStore } from "./unsent_store.ts";
