import { parseArgs } from "node:util";
import { type Command, startCommand } from "./command.ts";
import { findMisspelt, findOddities } from "./oddities.ts";
import { printable } from "./printable.ts";
import { readSettings } from "./settings.ts";

const HELP =
  `Shows every setting: its value, whether it comes from the environment, and what is wrong or odd. Hides secrets.

  deno task check-config

Ends with 0 if a server would start with these settings, with 1 if not, with 2 if the arguments make no sense.
deno task doctor looks at what the settings name: port, database, folders, keys.`;

/** Shows what a server that is started here is told. */
export const checkConfig: Command = {
  help: HELP,
  run(terminal) {
    const { args, environment, print } = terminal;
    parseArgs({ args });
    const { settings, config } = readSettings(environment);
    const names = settings.map(({ name }) => name);
    const nameWidth = Math.max(...names.map((name) => name.length));
    for (const { name, value, source, complaint } of settings) {
      const shown = complaint === undefined ? printable(value) : "cannot be understood";
      print(`${name.padEnd(nameWidth)}  ${source === "default" ? "default" : "set    "}  ${shown}`);
    }
    const usable = names.filter((name) =>
      !settings.some((setting) => setting.name === name && setting.complaint)
    );
    const oddities = [...findOddities(config, environment, usable), ...findMisspelt(terminal.names(), names)];
    for (const oddity of oddities) print(`odd: ${printable(oddity)}`);
    const complaints = settings.flatMap(({ complaint }) => complaint ?? []);
    for (const complaint of complaints) print(`wrong: ${printable(complaint)}`);
    print(
      complaints.length === 0 ? "A server would start with these." : "A server would not start with these.",
    );
    return Promise.resolve(complaints.length === 0 ? 0 : 1);
  },
};

if (import.meta.main) await startCommand(checkConfig);
