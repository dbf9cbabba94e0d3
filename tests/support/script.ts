import { repoFile } from "./readme.ts";

/** A program that takes longer to say something, type check and all, has failed the test. */
const PATIENCE_MS = 60_000;

/** A program of a document, running as a process of its own from the folder of the repository. */
export class Script implements AsyncDisposable {
  /** What it has written, on both outputs. */
  text = "";
  readonly #process: Deno.ChildProcess;
  readonly #outputs: Promise<void>;
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#outputs = Promise.all([this.#read(process.stdout), this.#read(process.stderr)]).then(() => {
      this.#hasEnded = true;
      this.#stir();
    });
  }

  /** Starts TypeScript, whose relative imports start from the folder of the repository; types are checked first. */
  static async start(code: string, env: Record<string, string> = {}, flags: string[] = []): Promise<Script> {
    const args = ["run", "--check", "-A", ...packageFlags(), ...flags, "-"];
    const process = new Deno.Command(Deno.execPath(), {
      ...{ args, cwd: repoFile("."), env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" } },
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    return new Script(process);
  }

  /** Waits until the program has written this; rejects, with all it has written, if it ends or takes too long. */
  async wrote(pattern: RegExp): Promise<RegExpExecArray> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#stir();
    }, PATIENCE_MS);
    try {
      while (true) {
        const match = pattern.exec(this.text);
        if (match !== null) return match;
        if (this.#hasEnded || isLate) throw new Error(`It did not write ${pattern}: ${this.text}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await Promise.all([this.#process.status, this.#outputs]);
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

/** The same packages as the tests themselves run with. */
export function packageFlags(): string[] {
  if (import.meta.resolve("@std/assert").startsWith("jsr:")) return [];
  return ["--import-map=lib/without_jsr/import_map.json", "--lock=lib/without_jsr/deno.lock"];
}
