import { assert, assertEquals } from "@std/assert";
import { forgetLife, idleTimeoutSeconds, ping, watchLife } from "../../lib/connection/life_signs.ts";

const METHOD = "[[serverHandleIdleTimeout]]";

/** Gives both ends of a connection to the test; the server's one is watched. */
async function watch(test: (client: WebSocket, signs: Signs) => Promise<void>): Promise<void> {
  const signs = new Signs();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 1 });
    signs.socket = socket;
    socket.onopen = () => signs.isWatched = watchLife(socket, signs.hear);
    socket.onclose = () => forgetLife(socket);
    return response;
  });
  const client = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
  const closed = new Promise((resolve) => client.onclose = resolve);
  await new Promise((resolve) => client.onopen = resolve);
  await test(client, signs);
  client.close();
  await closed;
}

/** Counts signs of life. */
class Signs {
  socket: WebSocket | undefined;
  isWatched: boolean | undefined;
  #count = 0;
  #next = Promise.withResolvers<void>();

  readonly hear = (): void => {
    this.#count++;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  };

  async reach(count: number): Promise<void> {
    while (this.#count < count) await this.#next.promise;
  }
}

Deno.test("watchLife() tells of whatever the peer sends", async () => {
  await watch(async (client, signs) => {
    for (const frame of ["text", new Uint8Array([1, 2, 3]), "text"]) client.send(frame);
    await signs.reach(3);
    assertEquals(signs.isWatched, true);
  });
});

Deno.test("ping() has the peer answer with a pong, which is heard, each time", async () => {
  await watch(async (_client, signs) => {
    for (let pongs = 1; pongs <= 5; pongs++) {
      ping(signs.socket!);
      await signs.reach(pongs);
    }
  });
});

Deno.test("watchLife() says so where the runtime shows it nothing of the kind", async () => {
  const prototype = WebSocket.prototype as unknown as Record<symbol, unknown>;
  const name = Object.getOwnPropertySymbols(prototype).find((symbol) => symbol.description === METHOD);
  assert(name !== undefined);
  const method = Object.getOwnPropertyDescriptor(prototype, name)!;
  const source = new URL("../../lib/connection/life_signs.ts?elsewhere", import.meta.url).href;
  delete prototype[name];
  try {
    const elsewhere: typeof import("../../lib/connection/life_signs.ts") = await import(source);
    const socket = {} as WebSocket;
    assertEquals(elsewhere.watchLife(socket, () => {}), false);
    elsewhere.forgetLife(socket);
  } finally {
    Object.defineProperty(prototype, name, method);
  }
});

Deno.test("watchLife() says so of a socket that has no idle timeout to borrow", async () => {
  const source = new URL("../../lib/connection/life_signs.ts?unseen", import.meta.url).href;
  const unseen: typeof import("../../lib/connection/life_signs.ts") = await import(source);
  assertEquals(unseen.watchLife({} as WebSocket, () => {}), false);
});

Deno.test("idleTimeoutSeconds() gives the runtime's own watch two heartbeats, and at least a second", () => {
  assertEquals([25_000, 24_900, 400, 1].map(idleTimeoutSeconds), [50, 50, 1, 1]);
});
