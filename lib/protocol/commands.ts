import { z } from "zod";
import { commandId, epoch, position, roomId, roomName, text } from "./fields.ts";

const id = commandId.optional();
const password = text(256);
/** Plain clients send whatever stands in a form; nothing there means no name of its own. */
const givenName = z.union(
  [roomName, z.literal(["", null])],
  "must be 1 to 128 characters, no control characters",
);

/** Everything a client may say, by `type`. */
export const COMMANDS = {
  // A token that is too long is a bad token, not a bad request: whoever verifies it says so.
  auth: z.object({ type: z.literal("auth"), id, token: text(Number.MAX_SAFE_INTEGER) }),
  join: z.object({
    type: z.literal("join"),
    id,
    roomId,
    roomName: givenName.optional(),
    password: password.optional(),
    // A position that was never handed out is not an error: it is a log that cannot be continued.
    after: z.int("must be an integer").optional(),
    epoch: epoch.optional(),
  }),
  leave: z.object({ type: z.literal("leave"), id, roomId }),
  chat: z.object({
    type: z.literal("chat"),
    id,
    roomId,
    content: text(Number.MAX_SAFE_INTEGER),
    replyTo: commandId.optional(),
  }),
  typing: z.object({ type: z.literal("typing"), id, roomId, isTyping: z.boolean("must be true or false") }),
  history: z.object({
    type: z.literal("history"),
    id,
    roomId,
    after: position.optional(),
    before: position.optional(),
    limit: z.int("must be an integer").min(1, "must be 1 or more").optional(),
  }),
  rooms: z.object({ type: z.literal("rooms"), id }),
  members: z.object({ type: z.literal("members"), id, roomId }),
  ping: z.object({ type: z.literal("ping"), id }),
};
export type CommandType = keyof typeof COMMANDS;
/** One command of a client, checked; `T` narrows it to one or several types. */
export type Command<T extends CommandType = CommandType> = { [K in T]: z.infer<(typeof COMMANDS)[K]> }[T];
