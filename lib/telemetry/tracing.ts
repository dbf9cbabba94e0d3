/** The part of an OpenTelemetry span that is used here. */
interface Span {
  setAttribute(name: string, value: number): void;
  end(): void;
}

interface Context {
  setValue(key: symbol, value: unknown): Context;
}

interface Tracer {
  startSpan(name: string, options: { readonly root?: boolean }, context?: Context): Span;
}

/** What `@opentelemetry/api` registers for the whole process; so does Deno itself under `OTEL_DENO=true`. */
interface Registry {
  readonly trace?: { getTracer(name: string): Tracer };
  readonly context?: { active(): Context };
}

const REGISTRY = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");

/** Follows messages with OpenTelemetry; `undefined`, so that it costs nothing, where nobody collects traces. */
export function openTracing(): Tracing | undefined {
  const { trace, context } = (globalThis as { [REGISTRY]?: Registry })[REGISTRY] ?? {};
  return trace && context && new Tracing(trace.getTracer("parley"), () => context.active());
}

/** Makes the traces of messages: from their arrival over the log to the members of their room. */
export class Tracing {
  readonly #tracer: Tracer;
  readonly #active: () => Context;
  readonly #handed = new WeakMap<object, MessageTrace>();

  constructor(tracer: Tracer, active: () => Context) {
    this.#tracer = tracer;
    this.#active = active;
  }

  /** A message has arrived. What was said, by whom and where, is no part of its trace. */
  begin(): MessageTrace {
    const whole = this.#tracer.startSpan("parley.message", { root: true });
    const context = this.#active().setValue(SPAN_KEY, whole);
    return new MessageTrace(whole, (name) => this.#tracer.startSpan(name, {}, context));
  }

  /** The message has its place in the log and goes to its room. */
  hand(trace: MessageTrace, message: object): void {
    trace.delivering();
    this.#handed.set(message, trace);
  }

  /** The room has the message. */
  take(message: object): MessageTrace | undefined {
    return this.#handed.get(message);
  }
}

/** One message's trace: the whole of its way, and in it one step after another. */
export class MessageTrace {
  readonly #whole: Span;
  readonly #start: (name: string) => Span;
  #step: Span | undefined;

  constructor(whole: Span, start: (name: string) => Span) {
    this.#whole = whole;
    this.#start = start;
  }

  /** The store has been given the message, together with the others of its turn. */
  appending(batchSize: number): void {
    this.#next("parley.append").setAttribute("parley.batch_size", batchSize);
  }

  delivering(): void {
    this.#next("parley.deliver");
  }

  delivered(connections: number): void {
    this.#step?.setAttribute("parley.connections", connections);
    this.end();
  }

  end(): void {
    this.#step?.end();
    this.#whole.end();
  }

  #next(name: string): Span {
    this.#step?.end();
    return this.#step = this.#start(name);
  }
}
