/** Holds the README's tables of settings and of log events against what the server reads and writes. */
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../lib/config.ts";

/** Settings that are off, or without a limit, until they are set; of these the README says in words what that means. */
const WITHOUT_DEFAULT = [
  "JWT_SECRET",
  "JWT_PUBLIC_KEY",
  "JWT_JWKS_URL",
  "JWT_ISSUER",
  "JWT_AUDIENCE",
  "API_KEY",
  "ORIGINS",
  "HISTORY_LIMIT",
  "HISTORY_MAX_AGE_DAYS",
];

/** Every setting that the server asks for. */
function namesRead(): string[] {
  const names = new Set<string>();
  readConfig((name) => void names.add(name));
  return [...names].sort();
}

/** The settings in every table that has them in its first column, with the first word of the second. */
function namesDocumented(markdown: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of markdown.split("\n")) {
    const row = /^\|\s*`([A-Z][A-Z_]*)`\s*\|\s*([^\s|,]*)/.exec(line);
    if (row === null) continue;
    const [, name, word] = row;
    assert(!settings.has(name), `${name} is documented twice`);
    settings.set(name, word.replaceAll("`", ""));
  }
  return settings;
}

/** What is wrong with a document, in words. */
function drift(markdown: string): string[] {
  const documented = namesDocumented(markdown);
  const read = namesRead();
  const complaints = [
    ...read.filter((name) => !documented.has(name)).map((name) => `${name} is not documented`),
    ...[...documented.keys()].filter((name) => !read.includes(name)).map((name) => `${name} is not read`),
  ];
  const defaults = readConfig(() => undefined);
  for (const [name, value] of documented) {
    if (!read.includes(name) || WITHOUT_DEFAULT.includes(name)) continue;
    if (!isSame(() => readConfig((asked) => asked === name ? value : undefined), defaults)) {
      complaints.push(`${name} is not ${value} by default`);
    }
  }
  return complaints;
}

function isSame(read: () => object, defaults: object): boolean {
  try {
    assertEquals(read(), defaults);
    return true;
  } catch {
    return false;
  }
}

const SAMPLE = `
| name | default | what it does |
|---|---|---|
| \`PORT\` | 8080 | where it listens |
| \`RATE_CHAT\` | \`10/10s\` | or \`off\` |
| \`HOST\` | 127.0.0.1, or 0.0.0.0 with a secret | |
| \`HISTORY_LIMIT\` | unlimited (100 in memory) | |
`;

Deno.test("a table of settings is held against what the server reads, name by name and default by default", () => {
  assertEquals(drift(SAMPLE).length, namesRead().length - 4);
  const wrong: [from: string, to: string, complaint: string][] = [
    ["8080", "8081", "PORT is not 8081 by default"],
    ["8080", "the usual one", "PORT is not the by default"],
    ["10/10s", "10/1s", "RATE_CHAT is not 10/1s by default"],
    ["127.0.0.1,", "0.0.0.0,", "HOST is not 0.0.0.0 by default"],
    ["`PORT`", "`PORTS`", "PORTS is not read"],
    ["`PORT`", "`PORTS`", "PORT is not documented"],
  ];
  for (const [from, to, complaint] of wrong) {
    const complaints = drift(SAMPLE.replace(from, to));
    assert(complaints.includes(complaint), `${complaint}: ${complaints}`);
  }
});

Deno.test("settings without a default have none", () => {
  const { jwt, apiKey, origins, historyLimit, historyMaxAgeMs } = readConfig(() => undefined);
  const { secret, publicKey, jwksUrl, issuer, audience } = jwt;
  assertEquals([secret, publicKey, jwksUrl, issuer, audience, apiKey], Array(6).fill(undefined));
  assertEquals([origins, historyLimit, historyMaxAgeMs], [[], Infinity, Infinity]);
});

Deno.test("the README documents every setting, with the default it has", async () => {
  assertEquals(drift(await Deno.readTextFile(new URL("../README.md", import.meta.url))), []);
});

/** Every event that is written to the log, with its level, as the source says it. */
async function eventsWritten(folder: URL): Promise<string[]> {
  const events: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) events.push(...await eventsWritten(new URL(`${name}/`, folder)));
    if (!name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(new URL(name, folder));
    const calls = source.matchAll(/\blog\.(debug|info|warn|error)\(\s*"(\w+)"/g);
    events.push(...calls.map(([, level, event]) => `${event} ${level}`));
  }
  return events;
}

Deno.test("the README documents every event of the log, with its level", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  const rows = readme.matchAll(/^\| `([a-z_]+)`\s+\| (debug|info|warn|error)\s+\|/gm);
  const documented = [...rows].map(([, event, level]) => `${event} ${level}`).sort();
  const written = [...new Set(await eventsWritten(new URL("../lib/", import.meta.url)))].sort();
  assert(written.length > 10);
  assertEquals(documented, written);
});
