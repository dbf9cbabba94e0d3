import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Connections, type ConnectionsOptions, type Tended } from "../../lib/connection/connections.ts";

class FakeConnection implements Tended {
  readonly checks: number[] = [];
  readonly bufferedBytes = 0;
  check(now: number): void {
    this.checks.push(now);
  }
  push(): void {}
  end(): void {}
}

function open(options: Partial<ConnectionsOptions> = {}, afterSweep: (now: number) => void = () => {}) {
  const defaults = { maxConnections: 100, heartbeatMs: 25_000 };
  return new Connections({ ...defaults, ...options }, afterSweep);
}

Deno.test("Connections is full at its limit, and not before", () => {
  using connections = open({ maxConnections: 2 });
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  connections.add(first);
  assertEquals([connections.size, connections.isFull], [1, false]);
  connections.add(second);
  assertEquals([connections.size, connections.isFull], [2, true]);
  connections.delete(first);
  connections.delete(first);
  assertEquals([connections.size, connections.isFull], [1, false]);
});

Deno.test("one timer looks after all connections, several times a second, and then after what else there is", () => {
  using time = new FakeTime(1_000_000);
  const swept: number[] = [];
  using connections = open({}, (now) => swept.push(now));
  const [first, second] = [new FakeConnection(), new FakeConnection()];
  connections.add(first);
  time.tick(250);
  connections.add(second);
  time.tick(250);
  assertEquals(first.checks, [1_000_250, 1_000_500]);
  assertEquals(second.checks, [1_000_500]);
  assertEquals(swept, first.checks);
});

Deno.test("a short heartbeat is looked after in time", () => {
  using time = new FakeTime();
  using connections = open({ heartbeatMs: 200 });
  const connection = new FakeConnection();
  connections.add(connection);
  time.tick(200);
  assertEquals(connection.checks.length, 4);
});

Deno.test("nobody is looked after once Connections is disposed of", () => {
  using time = new FakeTime();
  const connections = open();
  const connection = new FakeConnection();
  connections.add(connection);
  connections[Symbol.dispose]();
  time.tick(10_000);
  assertEquals(connection.checks, []);
});
