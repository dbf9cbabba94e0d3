import type { People, Person } from "./people.ts";

/** What `/msg` asks for: a text to one person, known here or only by name; or why that cannot be done. */
export type DirectMessage = { to: Person | `@${string}`; content: string } | "no_text" | "several";

const MSG = /^\/msg(?:\s+|$)/;
const QUOTED = /^@?"([^"\n]+)"\s+/;
const NAME = /^@?(\S+)\s+/;

/** Reads `/msg @name text`; `undefined` if it is none. A name with blanks is found if it is known, or in quotes. */
export function readDirectMessage(line: string, people: People): DirectMessage | undefined {
  const start = MSG.exec(line);
  if (!start) return undefined;
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

function longestName(rest: string, people: People): string | undefined {
  const text = rest.replace(/^@/, "").toLowerCase();
  const names = people.all().map((person) => person.username)
    .filter((name) => name.includes(" ") && text.startsWith(`${name.toLowerCase()} `));
  return names.sort((one, other) => other.length - one.length)[0];
}
