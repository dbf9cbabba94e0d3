import { z } from "zod";
import { type Command, COMMANDS, type CommandType } from "./commands.ts";
import { commandId, roomId } from "./fields.ts";
import { Refusal } from "./codes.ts";

/** A command that cannot be understood, with what its answer needs. */
export class Undecodable {
  readonly refusal: Refusal;
  readonly id: string | undefined;
  readonly roomId: string | undefined;

  constructor(refusal: Refusal, fields: Record<string, unknown> = {}) {
    this.refusal = refusal;
    this.id = commandId.safeParse(fields.id).data;
    this.roomId = roomId.safeParse(fields.roomId).data;
  }
}

type Schema = (typeof COMMANDS)[CommandType];

const SCHEMAS = new Map(Object.entries(COMMANDS)) as Map<string, Schema>;

/**
 * Splits a text frame into its objects.
 *
 * They are separated by line breaks; a frame that is one object written over several lines is left whole.
 */
export function splitFrame(frame: string): string[] {
  if (!frame.includes("\n")) return [frame];
  const lines = frame.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 1 && parse(lines[0]) === undefined && parse(frame) !== undefined) return [frame];
  return lines.length > 0 ? lines : [frame];
}

/** Reads one command; whatever a stranger sent, the answer is a value. */
export function decode(line: string): Command | Undecodable {
  const fields = parse(line);
  if (fields === undefined) return new Undecodable(new Refusal("invalid_json"));
  const type = fields.type;
  if (typeof type !== "string") return refuse("type required", fields);
  const schema = SCHEMAS.get(type);
  if (schema === undefined) {
    const message = `Unknown message type: ${type.slice(0, 128).toWellFormed()}`;
    return new Undecodable(new Refusal("unknown_type", { message }), fields);
  }
  const result = schema.safeParse(fields);
  return result.success ? result.data : refuse(explain(schema, result.error.issues[0], fields), fields);
}

/** Refuses a frame that is too long to be carried out; it is read for what the answer needs, and no further. */
export function refuseTooLarge(frame: string): Undecodable {
  return new Undecodable(new Refusal("too_large"), parse(frame));
}

function refuse(message: string, fields: Record<string, unknown>): Undecodable {
  return new Undecodable(new Refusal("bad_request", { message }), fields);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** One sentence that names the field and what is wrong with it. */
function explain(schema: Schema, issue: z.core.$ZodIssue, fields: Record<string, unknown>): string {
  const field = String(issue.path[0]);
  const value = fields[field];
  const isOptional = (schema.shape as z.core.$ZodShape)[field] instanceof z.ZodOptional;
  if (isOptional || (value !== undefined && value !== null && value !== "")) {
    return `${field} ${issue.message}`;
  }
  const isPartOfChat = schema === COMMANDS.chat && (field === "roomId" || field === "content");
  return isPartOfChat ? "roomId and content required" : `${field} required`;
}
