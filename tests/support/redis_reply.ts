/** What Redis answers: its errors are exceptions. */
export type RedisReply = string | number | null | RedisReply[];

/**
 * Gives Redis one command after another over a connection of its own, and returns the last answer.
 *
 * Written here rather than taken from the client that the server uses: a check must not share the fault it is to find.
 *
 * @param path Its Unix socket, to be used in place of the port
 */
export async function askRedis(
  port: number,
  commands: readonly (readonly string[])[],
  path?: string,
): Promise<RedisReply> {
  using socket = path === undefined
    ? await Deno.connect({ hostname: "127.0.0.1", port })
    : await Deno.connect({ transport: "unix", path });
  const text = commands.map(write).join("");
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    rest = rest.subarray(await socket.write(rest));
  }
  const reader = new ReplyReader(socket);
  let reply: RedisReply = null;
  for (const _ of commands) reply = await reader.read();
  return reply;
}

function write(command: readonly string[]): string {
  const words = command.map((word) => `$${new TextEncoder().encode(word).length}\r\n${word}\r\n`);
  return `*${command.length}\r\n${words.join("")}`;
}

class ReplyReader {
  readonly #socket: Deno.Conn;
  #bytes = new Uint8Array();

  constructor(socket: Deno.Conn) {
    this.#socket = socket;
  }

  async read(): Promise<RedisReply> {
    const line = await this.#line();
    const [kind, rest] = [line[0], line.slice(1)];
    if (kind === "-") throw new Error(rest);
    if (kind === "+") return rest;
    const count = Number(rest);
    if (kind === ":") return count;
    if (count < 0) return null;
    if (kind === "$") return new TextDecoder().decode((await this.#take(count + 2)).subarray(0, count));
    const items: RedisReply[] = [];
    for (let i = 0; i < count; i++) items.push(await this.read());
    return items;
  }

  async #line(): Promise<string> {
    let end: number;
    while ((end = this.#bytes.indexOf(10)) < 0) await this.#more();
    return new TextDecoder().decode(await this.#take(end + 1)).trimEnd();
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#bytes.length < count) await this.#more();
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const chunk = new Uint8Array(64 * 1024);
    const read = await this.#socket.read(chunk);
    if (read === null) throw new Deno.errors.UnexpectedEof("Redis closed the connection");
    const joined = new Uint8Array(this.#bytes.length + read);
    joined.set(this.#bytes);
    joined.set(chunk.subarray(0, read), this.#bytes.length);
    this.#bytes = joined;
  }
}
