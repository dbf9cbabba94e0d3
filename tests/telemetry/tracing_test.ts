import { assertEquals } from "@std/assert";
import { openTracing, Tracing } from "../../lib/telemetry/tracing.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { Peer } from "../support/peer.ts";

const REGISTRY = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");

interface Recorded {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Record<string, unknown>;
  ended: number;
}

class FakeContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): FakeContext {
    return new FakeContext(new Map([...this.#values, [key, value]]));
  }
}

/** Records what is traced, as a collector of OpenTelemetry would. */
class Recorder {
  readonly spans: Recorded[] = [];

  startSpan(name: string, { root = false }: { root?: boolean }, context = new FakeContext()) {
    const parent = root ? undefined : (context.getValue(SPAN_KEY) as { name: string } | undefined)?.name;
    const span: Recorded = { name, parent, attributes: {}, ended: 0 };
    this.spans.push(span);
    return {
      name,
      setAttribute: (key: string, value: unknown) => void (span.attributes[key] = value),
      end: () => void span.ended++,
    };
  }

  get tracing(): Tracing {
    return new Tracing(this, () => new FakeContext());
  }
}

Deno.test("Tracing follows a message over the log to its room", () => {
  const recorder = new Recorder();
  const { tracing } = recorder;
  const trace = tracing.begin();
  trace.appending(3);
  const message = {};
  tracing.hand(trace, message);
  tracing.take(message)!.delivered(7);
  assertEquals(recorder.spans, [
    { name: "parley.message", parent: undefined, attributes: {}, ended: 1 },
    { name: "parley.append", parent: "parley.message", attributes: { "parley.batch_size": 3 }, ended: 1 },
    { name: "parley.deliver", parent: "parley.message", attributes: { "parley.connections": 7 }, ended: 1 },
  ]);
});

Deno.test("Tracing ends the trace of a message that goes no further", () => {
  const recorder = new Recorder();
  const trace = recorder.tracing.begin();
  trace.appending(1);
  trace.end();
  assertEquals(recorder.spans.map(({ name, ended }) => [name, ended]), [["parley.message", 1], [
    "parley.append",
    1,
  ]]);
});

Deno.test("Tracing knows nothing of messages from elsewhere", () => {
  assertEquals(new Recorder().tracing.take({}), undefined);
});

Deno.test("openTracing() is nothing where nobody collects traces", () => {
  assertEquals(openTracing(), undefined);
});

Deno.test("a server in a process that collects traces traces every message, and says nothing of it but numbers", async () => {
  const recorder = new Recorder();
  const registry = { trace: { getTracer: () => recorder }, context: { active: () => new FakeContext() } };
  Object.defineProperty(globalThis, REGISTRY, { value: registry, configurable: true });
  try {
    await using server = await TestServer.start();
    await using ann = await Peer.open(server, {
      protocols: ["parley.v1", `bearer.${await makeToken("ann")}`],
    });
    await ann.join("general");
    ann.send({ type: "chat", roomId: "general", content: "hi", id: "a" });
    await ann.next("chat");
    ann.send({ type: "chat", roomId: "general", content: "hi", id: "a" });
    await ann.next("ack", ({ duplicate }) => duplicate === true);
  } finally {
    Reflect.deleteProperty(globalThis, REGISTRY);
  }
  assertEquals(recorder.spans.map(({ name, attributes, ended }) => [name, attributes, ended]), [
    ["parley.message", {}, 1],
    ["parley.append", { "parley.batch_size": 1 }, 1],
    ["parley.deliver", { "parley.connections": 1 }, 1],
    ["parley.message", {}, 1],
    ["parley.append", { "parley.batch_size": 1 }, 1],
  ]);
});
