import type { People, Person } from "./people.ts";

/** A text to one person, known here or only by name. */
export type DirectMessage = { to: Person | `@${string}`; content: string };

/** Why a command cannot be followed. */
export type CommandProblem = "unknown" | "no_text" | "several";

// A path begins with a slash, too: only letters up to a blank make a command.
const COMMAND = /^\/[a-z]+(?!\S)/i;
const MSG = /^\/msg(?:\s+|$)/i;
const QUOTED = /^@?"([^"\n]+)"\s+/;
const NAME = /^@?(\S+)\s+/;

/**
 * Reads `/msg @name text`, the one command there is; `undefined` if the line is a text. A name with blanks is found if
 * it is known, or in quotes.
 */
export function readCommand(line: string, people: People): DirectMessage | CommandProblem | undefined {
  if (!COMMAND.test(line)) return undefined;
  const start = MSG.exec(line);
  if (!start) return "unknown";
  const rest = line.slice(start[0].length);
  const known = longestName(rest, people);
  const match = QUOTED.exec(rest) ?? NAME.exec(rest);
  if (!known && !match) return "no_text";
  const name = known ?? match![1];
  const content = known
    ? rest.replace(/^@/, "").slice(known.length).trim()
    : rest.slice(match![0].length).trim();
  if (content === "") return "no_text";
  const found = people.find(name);
  if (found.length > 1) return "several";
  return { to: found[0] ?? `@${name}`, content };
}

/** The text of a line: a blank that only keeps it from being a command is not sent. */
export function textOf(line: string): string {
  return line.startsWith(" ") && COMMAND.test(line.slice(1)) ? line.slice(1) : line;
}

function longestName(rest: string, people: People): string | undefined {
  const text = rest.replace(/^@/, "").toLowerCase();
  const names = people.all().map((person) => person.username)
    .filter((name) => name.includes(" ") && text.startsWith(`${name.toLowerCase()} `));
  return names.sort((one, other) => other.length - one.length)[0];
}
