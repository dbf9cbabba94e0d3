import type { ServerMessage } from "./types.ts";

/** Reads a text frame: one JSON object, or several separated by line ends; what cannot be read is left out. */
export function decodeFrame(frame: string, take: (message: ServerMessage) => void): void {
  if (!frame.includes("\n")) return decodeLine(frame, take);
  for (const line of frame.split("\n")) decodeLine(line, take);
}

function decodeLine(line: string, take: (message: ServerMessage) => void): void {
  const message = parse(line);
  if (isMessage(message)) take(message);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is ServerMessage {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
