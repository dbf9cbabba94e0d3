import { dirname } from "node:path";
import { repoFile } from "./readme.ts";

/** Commands that take longer have failed the test. */
const PATIENCE_MS = 30_000;

/** A terminal in the folder of the repository, in which one command follows another, and those with & are jobs. */
export class Shell implements AsyncDisposable {
  /** What was written so far, on both outputs. */
  text = "";
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #outputs: Promise<void>;
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();
  #count = 0;

  /** Opens one in which `deno` is the one that runs the tests, with the same packages. */
  constructor(settings: Record<string, string>) {
    const isJsr = import.meta.resolve("@std/assert").startsWith("jsr:");
    const env = {
      ...{ PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`, HOME: Deno.env.get("HOME") ?? "/" },
      ...{ DEPS: isJsr ? "jsr" : "npm", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      ...(Deno.env.has("DENO_DIR") ? { DENO_DIR: Deno.env.get("DENO_DIR")! } : {}),
      ...settings,
    };
    this.#process = new Deno.Command("bash", {
      ...{ args: ["--norc"], cwd: repoFile("."), env, clearEnv: true },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#outputs = Promise.all([this.#read(this.#process.stdout), this.#read(this.#process.stderr)])
      .then(() => this.#end());
  }

  /** Types commands, waits until the last has ended, and returns what was written meanwhile. */
  async type(commands: string): Promise<string> {
    const from = this.text.length;
    // As in a terminal, every job is a group of its own, so that all of it can be ended.
    if (this.#count === 0) await this.#input.write(new TextEncoder().encode("set -m\n"));
    const mark = `[done ${++this.#count}]`;
    await this.#input.write(new TextEncoder().encode(`${commands}\necho "${mark}"\n`));
    await this.wrote(mark, from);
    return this.text.slice(from).replace(`${mark}\n`, "");
  }

  /** Waits until something was written, behind some place; rejects with all that was written if it is not. */
  async wrote(words: string, from = 0): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#stir();
    }, PATIENCE_MS);
    try {
      while (!this.text.slice(from).includes(words)) {
        if (this.#hasEnded || isLate) throw new Error(`It did not write ${words}: ${this.text}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.write(
      new TextEncoder().encode("for job in $(jobs -p); do kill -KILL -- -$job; done; exit\n"),
    );
    await this.#input.close();
    await Promise.all([this.#process.status, this.#outputs]);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stir();
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.text += chunk;
      this.#stir();
    }
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
