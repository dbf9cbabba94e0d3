import { parseArgs } from "node:util";
import { traceFsync } from "./support/fsync.ts";
import { measureLoad } from "./support/load.ts";
import { measureSearch } from "./support/search_beside.ts";
import { measureSlowReaders } from "./support/slow_readers.ts";
import { runStorm } from "./support/storm.ts";
import { measureUploads } from "./support/uploads_beside.ts";

const HELP = `Measures what the README says about a server under strain; each on a server of its own.

  deno task measure load          acknowledged messages a second, and how long each takes
    [--store sqlite|memory] [--writers 50] [--rooms 10] [--window 4] [--seconds 10]

  deno task measure fsync         that a message is on the disk before it is acknowledged (needs strace)

  deno task measure slow-readers  what readers who stop reading cost the server, and the others
    [--readers 200] [--stalled 20] [--rate 100] [--bytes 8000] [--seconds 10]; --full: 1000, 100, 100, 2000, 30

  deno task measure storm         how long it takes until everybody is back after a restart
    [--clients 500] [--signal SIGTERM|SIGKILL]; --full: 5000

  deno task measure uploads       what files on their way do to messages
    [--uploaders 3] [--bytes 4000000] [--seconds 10]; --full: 8, 20000000, 30

  deno task measure search        how fast a large log is searched, and what that does to messages
    [--messages 50000] [--searches 10] [--seconds 10]; --full: 1000000, 20, 60
    [--store redis://…] in a Redis of yours, which is to be empty, rather than in SQLite`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ store: text, writers: text, rooms: text, window: text, seconds: text },
  ...{ readers: text, stalled: text, rate: text, bytes: text },
  ...{ clients: text, signal: text, full: flag },
  ...{ uploaders: text, messages: text, searches: text },
};
const { values, positionals: [what] } = parseArgs({ args: Deno.args, options, allowPositionals: true });
const { full = false } = values;
const folder = await Deno.makeTempDir({ prefix: "parley_measure_" });
const file = `${folder}/parley.db`;

/** An option's number: the one given, else that of a full or of a short run. */
function number(name: Exclude<keyof typeof values, "full">, short: number, whole = short): number {
  return Number(values[name] ?? (full ? whole : short));
}

async function measure(): Promise<object | undefined> {
  switch (what) {
    case "load":
      return await measureLoad({
        store: values.store === "memory" ? "memory:" : `sqlite:${file}`,
        writers: number("writers", 50),
        rooms: number("rooms", 10),
        window: number("window", 4),
        seconds: number("seconds", 10),
      });
    case "fsync":
      return await traceFsync(file);
    case "slow-readers":
      return await measureSlowReaders({
        file,
        readers: number("readers", 200, 1_000),
        stalled: number("stalled", 20, 100),
        messagesPerSecond: number("rate", 100),
        contentBytes: number("bytes", 8_000, 2_000),
        seconds: number("seconds", 10, 30),
      });
    case "storm":
      return await runStorm({
        file,
        clients: number("clients", 500, 5_000),
        rooms: number("rooms", 20),
        signal: values.signal === "SIGKILL" ? "SIGKILL" : "SIGTERM",
      });
    case "uploads":
      return await measureUploads({
        folder,
        uploaders: number("uploaders", 3, 8),
        fileBytes: number("bytes", 4_000_000, 20_000_000),
        seconds: number("seconds", 10, 30),
      });
    case "search":
      return await measureSearch({
        store: values.store ?? `sqlite:${file}`,
        messages: number("messages", 50_000, 1_000_000),
        searchesPerSecond: number("searches", 10, 20),
        seconds: number("seconds", 10, 60),
        progress: (words) => console.error(words),
      });
  }
}

const report = await measure();
console.log(report === undefined ? HELP : JSON.stringify(report, undefined, 2));
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
