import { type Command, type ExitCode, runCommand, type Terminal } from "../../lib/cli/command.ts";

/** A terminal whose lines can be read, and whose command can be stopped. */
export class FakeTerminal implements Terminal {
  readonly printed: string[] = [];
  readonly noted: string[] = [];
  readonly args: string[];
  readonly #variables: Readonly<Record<string, string>>;
  readonly #input: string | undefined;
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();

  constructor(args: string[], variables: Readonly<Record<string, string>> = {}, input?: string) {
    this.args = args;
    this.#variables = variables;
    this.#input = input;
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  readonly environment = (name: string): string | undefined => this.#variables[name];

  readonly names = (): string[] => Object.keys(this.#variables);

  readonly print = (line: string): void => this.#write(this.printed, line);

  readonly note = (line: string): void => this.#write(this.noted, line);

  readonly readInput = (): Promise<string | undefined> => Promise.resolve(this.#input);

  /** Ctrl+C. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves once a line like this was written, wherever. */
  async wrote(pattern: RegExp): Promise<string> {
    while (true) {
      const line = [...this.printed, ...this.noted].find((line) => pattern.test(line));
      if (line !== undefined) return line;
      await this.#wake.promise;
    }
  }

  #write(lines: string[], line: string): void {
    lines.push(line);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

/** Runs a command to its end. */
export async function run(
  command: Command,
  args: string[],
  variables: Record<string, string> = {},
  input?: string,
): Promise<{ code: ExitCode; printed: string[]; noted: string[] }> {
  const terminal = new FakeTerminal(args, variables, input);
  const code = await runCommand(command, terminal);
  return { code, printed: terminal.printed, noted: terminal.noted };
}
