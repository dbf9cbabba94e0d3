import type { CommandType } from "./commands.ts";
import type { MessageType } from "./messages.ts";

/** What a command is for, and what it is answered with; any may be answered with `error` instead. */
export interface CommandSummary {
  readonly summary: string;
  readonly replies: readonly MessageType[];
}

/** A sentence on every command, for people who read the generated documents. */
export const COMMAND_SUMMARIES: Record<CommandType, CommandSummary> = {
  auth: {
    summary: "Signs in, or renews the token of a live connection.",
    replies: ["authenticated", "welcome"],
  },
  join: {
    summary: "Enters a room, and recovers what was missed after `after`.",
    replies: ["room_history", "joined"],
  },
  leave: { summary: "Leaves a room and ends the membership.", replies: ["left"] },
  chat: { summary: "Says something in a room.", replies: ["ack"] },
  typing: { summary: "Tells the others that one is typing, or no longer.", replies: ["ok"] },
  history: { summary: "Asks for a page of a room's log.", replies: ["room_history"] },
  receipt: { summary: "Says how far one has come in a room.", replies: ["ok"] },
  presence: { summary: "Turns to the device, or away from it.", replies: ["ok"] },
  dm: { summary: "Says something to one person, known by id or `@name`.", replies: ["ack"] },
  create: { summary: "Makes a room.", replies: ["created"] },
  update: { summary: "Changes a room; a password of `null` removes it.", replies: ["updated"] },
  moderate: { summary: "Keeps order: throws out, silences, or gives a role.", replies: ["moderated"] },
  invite: { summary: "Lets somebody into a private room.", replies: ["invited"] },
  search: { summary: "Looks for messages in all of one's rooms, newest first.", replies: ["search_results"] },
  file_begin: { summary: "Begins an upload, or goes on with one.", replies: ["file_ready"] },
  file_end: { summary: "Ends an upload, and tells the room of the file.", replies: ["ack"] },
  file_abort: { summary: "Gives an upload up.", replies: ["ok"] },
  rooms: { summary: "Asks which rooms there are.", replies: ["rooms"] },
  members: { summary: "Asks who belongs to a room.", replies: ["members"] },
  ping: { summary: "Asks for a sign of life.", replies: ["pong"] },
};

/** A sentence on everything the server says. */
export const MESSAGE_SUMMARIES: Record<MessageType, string> = {
  welcome: "Says who one is and where one belongs; the first message of every connection.",
  authenticated: "The token is good.",
  room_history: "A page of a room's log, in ascending `seq`.",
  joined: "One is in the room.",
  left: "One has left the room.",
  ack: "The message is kept, at this place of the log.",
  ok: "The command with this id is done.",
  chat: "A message of a room's log.",
  system: "Something happened in a room: somebody came, went, or changed it.",
  receipt: "Somebody has received or read a room up to `seq`.",
  presence: "Somebody turned to a device, turned away, or is gone.",
  created: "The room is made.",
  updated: "The room is changed.",
  moderated: "It is done, and kept.",
  invited: "The person may come in.",
  notification: "Something for this person, wherever they are.",
  event: "Something a program tells a room or a person; it is not kept.",
  search_results: "Messages that match, newest first.",
  file_ready: "The upload may begin, at `offset`.",
  file_progress: "So much of the upload has arrived.",
  typing: "Somebody is typing, or no longer.",
  rooms: "The rooms one may see.",
  members: "Who belongs to a room.",
  pong: "A sign of life.",
  token_expiring: "The token ends soon: time to send a fresh one with `auth`.",
  server_shutdown: "The server goes down; come back after `reconnectInMs`.",
  error: "A command was refused; the connection stays open.",
};
