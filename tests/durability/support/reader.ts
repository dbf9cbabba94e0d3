import type { Said } from "../../support/peer.ts";
import { makeToken } from "../../support/server.ts";
import { Follower } from "./follower.ts";
import { Link, read } from "./link.ts";

/** Somebody who reads a room, over one connection after another. */
export class Reader {
  readonly follower: Follower;
  readonly #userId: string;
  #token: string | undefined;
  #link: Link | undefined;

  constructor(userId: string, roomId: string, known?: { readonly epoch: string; readonly seq: number }) {
    this.#userId = userId;
    this.follower = new Follower(roomId, known);
  }

  /** Connects and reads until the connection ends or the log is known up to `until`; resolves then. */
  async read(address: string, until = Infinity): Promise<void> {
    this.#token ??= await makeToken(this.#userId);
    const { follower } = this;
    const link = await Link.open(address, this.#token, {
      hear: (lines) => {
        for (const line of lines) {
          const next = follower.hear(read(line));
          if (next !== undefined) this.#link?.send([next]);
        }
        if (follower.isLive && follower.seq >= until || follower.violations.length > 0) this.#link?.cut();
      },
    });
    this.#link = link;
    link?.send([follower.join()]);
    await link?.closed;
  }

  cut(): void {
    this.#link?.cut();
  }
}

const MAX_TRIES = 3;

/** Reads a room's whole log, or what comes after a message, in pages; comes again if it is sent away, as any client. */
export async function readHistory(address: string, roomId: string, after = 0): Promise<string[]> {
  for (let tries = 1;; tries++) {
    try {
      return await readPages(address, roomId, after);
    } catch (error) {
      if (tries === MAX_TRIES || !(error instanceof SentAway)) throw error;
    }
  }
}

/** As when a room's log has begun anew. */
class SentAway extends Error {}

async function readPages(address: string, roomId: string, after: number): Promise<string[]> {
  const contents: string[] = [];
  const done = Promise.withResolvers<void>();
  const ask = (after: number) => link?.send([{ type: "history", roomId, after, limit: 10_000 }]);
  const take = (said: Said) => {
    if (said.type === "error") done.reject(new Error(`The history cannot be read: ${JSON.stringify(said)}`));
    if (said.type === "joined") ask(after);
    if (said.type !== "room_history" || said.recovered !== undefined) return;
    for (const { seq, content } of said.history as Said[]) {
      if (seq !== after + contents.length + 1) {
        done.reject(new Error(`There is a gap before ${seq} in ${roomId}`));
      }
      contents.push(String(content));
    }
    if (said.more) ask(after + contents.length);
    else done.resolve();
  };
  const link = await Link.open(address, await makeToken("auditor"), {
    hear: (lines) => lines.forEach((line) => take(read(line))),
  });
  if (link === undefined) throw new Error("The server does not let the auditor in");
  using _ = link;
  link.send([{ type: "join", roomId }]);
  await Promise.race([
    done.promise,
    link.closed.then(({ code }) => done.reject(new SentAway(`The connection was ended with ${code}`))),
  ]);
  await done.promise;
  link.cut();
  await link.closed;
  return contents;
}
