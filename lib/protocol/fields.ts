import { z } from "zod";

/** Counts characters as people and JSON Schema do: Unicode code points, not UTF-16 units. */
function characters(text: string, atMost: number): boolean {
  return text.length <= atMost || (text.length <= 2 * atMost && [...text].length <= atMost);
}

// deno-lint-ignore no-control-regex -- control characters are exactly what must not stand in a name
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A text of 1 to `atMost` characters that can be stored and returned exactly as sent. */
export function text(atMost: number) {
  return z.string({ error: ({ input }) => input === undefined ? "required" : "must be a string" })
    .refine((value) => value !== "", { error: "must not be empty", abort: true })
    .refine((value) => characters(value, atMost), {
      error: `too long: at most ${atMost} characters`,
      abort: true,
    })
    .refine((value) => value.isWellFormed(), "must be well-formed Unicode")
    .meta({ minLength: 1, maxLength: atMost });
}

/** A text that names something: as {@linkcode text}, without control characters. */
export function name(atMost: number) {
  return text(atMost).refine((value) => !CONTROL.test(value), "must not hold control characters");
}

/** The command's own id, chosen by the client: 1 to 64 characters. */
export const commandId = text(64);
/** `dm:<a>:<b>`, where a character of an id takes up to 12: four bytes, percent-encoded. */
const MAX_DIRECT_ROOM_ID = 4 + 2 * 128 * 12;
/**
 * 1 to 128 characters, no control characters; compared byte for byte. The room of two people is named by their ids,
 * percent-encoded, and may be longer.
 */
export const roomId = name(MAX_DIRECT_ROOM_ID)
  .refine((value) => value.startsWith("dm:") || characters(value, 128), "too long: at most 128 characters");
/** 1 to 128 characters, no control characters. */
export const userId = name(128);
/** 1 to 64 characters, no control characters. */
export const username = name(64);
/** 1 to 128 characters, no control characters. */
export const roomName = name(128);
/** A place in a room's log, 0 being before the first message. */
export const position = z.int("must be an integer").min(0, "must be 0 or more");
/** Names one life of a room's log. */
export const epoch = text(64);
/** A file, as the server names it. */
export const fileId = text(64);
/** 1 to 255 characters, no control characters. */
export const fileName = name(255);
/** A media type as RFC 6838 §4.2 writes it, or nothing where the sender does not know. */
export const mime = z.string("must be a media type").max(255, "too long: at most 255 characters")
  .regex(/^([\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}\s*(;.*)?)?$/, "must be a media type like image/png");
