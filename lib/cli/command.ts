import type { Environment } from "../config.ts";
import { printable } from "./printable.ts";

/** How a command ends: 0 with what was asked for, 1 without it, 2 because it was not understood. */
export type ExitCode = 0 | 1 | 2;

/** What a command reads and writes. */
export interface Terminal {
  readonly args: string[];
  readonly environment: Environment;
  /** Every name in the environment. */
  names(): string[];
  /** Writes a line of what was asked for. */
  print(line: string): void;
  /** Writes a line about how it is going. */
  note(line: string): void;
  /** All of the standard input, or `undefined` where a person would have to type it. */
  readInput(): Promise<string | undefined>;
  /** Aborted when the command is asked to stop. */
  readonly stopping: AbortSignal;
}

/** Something that people start. */
export interface Command {
  readonly help: string;
  /** Rejects with one sentence where it cannot do what it should. */
  run(terminal: Terminal): Promise<ExitCode>;
}

/** Arguments that make no sense; the message is one sentence. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a command: helps where that is asked for, and explains what went wrong, without a stack trace. */
export async function runCommand(command: Command, terminal: Terminal): Promise<ExitCode> {
  try {
    if (asksForHelp(terminal.args)) {
      terminal.print(command.help);
      return 0;
    }
    return await command.run(terminal);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseError(error);
    // Of what parseArgs says, the first sentence is about what was typed.
    const text = error instanceof Error ? error.message : String(error);
    terminal.note(printable(isParseError(error) ? text.split(". ", 1)[0] : text));
    if (isUsage) terminal.note(`\n${command.help}`);
    return isUsage ? 2 : 1;
  }
}

/** Runs a command with what this process was started with, and ends the process. */
export async function startCommand(command: Command): Promise<never> {
  const stopping = new AbortController();
  const { args } = Deno;
  const code = await runCommand(command, {
    args,
    environment: (name) => Deno.env.get(name),
    names: () => Object.keys(Deno.env.toObject()),
    print: (line) => write(Deno.stdout, line),
    note: (line) => write(Deno.stderr, line),
    readInput: async () =>
      Deno.stdin.isTerminal() ? undefined : await new Response(Deno.stdin.readable).text(),
    get stopping() {
      Deno.addSignalListener("SIGINT", () => stopping.abort());
      if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => stopping.abort());
      return stopping.signal;
    },
  });
  Deno.exit(code);
}

/** What stands behind `--` is text, whatever it says. */
function asksForHelp(args: string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

/** An error of `parseArgs`. */
function isParseError(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** Writes a line; who no longer reads, as at the end of `| head`, has seen enough. */
function write(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  let rest = new TextEncoder().encode(`${line}\n`);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    Deno.exit(0);
  }
}
