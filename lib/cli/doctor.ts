import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { type Check, failure, type Finding, ok } from "./checks.ts";
import { type Command, startCommand } from "./command.ts";
import { machineChecks } from "./machine_checks.ts";
import { printable } from "./printable.ts";
import { serverChecks } from "./server_checks.ts";

const HELP =
  `Looks whether a server can run here with these settings: port, database, keys, folders, disk, limits, clock,
packages. It can be used beside a running server, and changes nothing but what opening a Redis or a KV database does.

  deno task doctor

Ends with 0 if it can, with 1 if something fails, with 2 if the arguments make no sense. Warnings do not count.`;

const WORDS = { ok: "ok      ", warning: "warning ", failure: "FAILURE " };

/** Checks one thing after the other, and says at once what comes of it. */
export const doctor: Command = {
  help: HELP,
  async run({ args, environment, print }) {
    parseArgs({ args });
    const config = readConfig(environment);
    const counts = { ok: 0, warning: 0, failure: 0 };
    const checks = [
      () => ok("The settings can be understood"),
      ...serverChecks(config),
      ...machineChecks(config),
    ];
    for (const check of checks) {
      const { state, text } = await find(check);
      counts[state]++;
      print(WORDS[state] + printable(text));
    }
    print(`${counts.ok} ok, ${count(counts.warning, "warning")}, ${count(counts.failure, "failure")}`);
    return counts.failure === 0 ? 0 : 1;
  },
};

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

async function find(check: Check): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

if (import.meta.main) await startCommand(doctor);
