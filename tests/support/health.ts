import type { TestServer } from "./server.ts";

/** What `/health` says. */
export async function readHealth(server: TestServer): Promise<Record<string, unknown>> {
  return await (await fetch(`${server.url}/health`)).json();
}

/** Resolves once the server counts so many connections. */
export async function untilConnected(server: TestServer, connections: number): Promise<void> {
  while ((await readHealth(server)).connections !== connections);
}
