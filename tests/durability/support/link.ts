import type { Said } from "../../support/peer.ts";

/** What a link tells whoever uses it. */
export interface LinkEvents {
  /** A frame, its objects still unread; called once per frame. */
  hear(lines: readonly string[]): void;
}

/** How long a server may take to let somebody in. */
const PATIENCE_MS = 10_000;

/** One connection that keeps nothing of what it hears: fit for millions of messages. */
export class Link implements Disposable {
  /** Resolves when the connection has ended. */
  readonly closed: Promise<{ readonly code: number }>;
  readonly #socket: WebSocket;
  #isCut = false;

  private constructor(socket: WebSocket, closed: Promise<{ readonly code: number }>) {
    this.#socket = socket;
    this.closed = closed;
  }

  /** Connects and signs in; `undefined` if the server does not let us, or is not there. */
  static async open(address: string, token: string, events: LinkEvents): Promise<Link | undefined> {
    const socket = new WebSocket(`ws://${address}/ws`, ["parley.v1", `bearer.${token}`]);
    const closed = new Promise<{ code: number }>((resolve) =>
      socket.onclose = ({ code }) => resolve({ code })
    );
    socket.onerror = () => {}; // A close event follows.
    const link = new Link(socket, closed);
    const welcomed = new Promise<true>((resolve) => {
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        if (link.#isCut) return;
        if (data.startsWith('{"type":"welcome"')) resolve(true);
        events.hear(data.includes("\n") ? data.split("\n") : [data]);
      };
    });
    const timer = setTimeout(() => link.cut(), PATIENCE_MS);
    const isIn = await Promise.race([welcomed, closed.then(() => false)]);
    clearTimeout(timer);
    return isIn ? link : undefined;
  }

  get isOpen(): boolean {
    return !this.#isCut && this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends objects as one frame; without a connection they are lost. */
  send(objects: readonly object[]): void {
    if (!this.isOpen || objects.length === 0) return;
    this.#socket.send(objects.map((object) => JSON.stringify(object)).join("\n"));
  }

  /** Ends the connection; what still comes is not heard. */
  cut(): void {
    this.#isCut = true;
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.cut();
  }
}

/** Reads an object. */
export function read(line: string): Said {
  return JSON.parse(line);
}
