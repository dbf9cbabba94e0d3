const encoder = new TextEncoder();

/** How many bytes a text has on the wire. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Gathers what is sent in one turn into as few frames as `maxFrameBytes` allows, one object per line. */
export class Outbox {
  /** The most bytes in one frame that holds several objects. */
  maxFrameBytes: number;
  #send: (frame: string) => void;
  #lines: string[] = [];

  constructor(send: (frame: string) => void, maxFrameBytes: number) {
    this.#send = send;
    this.maxFrameBytes = maxFrameBytes;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length === 1) queueMicrotask(() => this.flush());
  }

  /** Sends at once what has been gathered. */
  flush(): void {
    const lines = this.#lines;
    this.#lines = [];
    let frame: string[] = [];
    let frameBytes = 0;
    for (const line of lines) {
      const bytes = byteLength(line) + 1;
      if (frame.length > 0 && frameBytes + bytes > this.maxFrameBytes) {
        this.#send(frame.join("\n"));
        frame = [];
        frameBytes = 0;
      }
      frame.push(line);
      frameBytes += bytes;
    }
    if (frame.length > 0) this.#send(frame.join("\n"));
  }
}
