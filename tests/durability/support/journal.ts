/** What is wrong, by kind, and the first few cases in words. */
export interface Verdict {
  /** Acknowledged, and not in the history. */
  lost: number;
  /** More than once in the history. */
  doubled: number;
  /** Behind a message that its writer sent later. */
  outOfOrder: number;
  /** Acknowledged with another number than it has in the history. */
  misnumbered: number;
  /** In the history, and never written. */
  invented: number;
  /** Never acknowledged, and in the history all the same, which may be. */
  unacknowledgedKept: number;
  /** Never acknowledged, and not in the history, which may be. */
  unacknowledgedGone: number;
  readonly words: string[];
}

const MAX_WORDS = 20;

/** The name of a message: who wrote it, and its place among all that they wrote. */
export function nameMessage(writer: number, place: number): string {
  return `${writer}.${place}`;
}

/** What was written to one room and what came of it, for a comparison with the history in the end. */
export class Journal {
  readonly roomId: string;
  /** The `seq` each acknowledged message was given, by writer and place. */
  readonly #acks: number[][] = [];
  readonly #written: number[] = [];
  acknowledged = 0;
  /** Acknowledged as `duplicate`: kept before, though the writer could not know it. */
  duplicates = 0;

  constructor(roomId: string) {
    this.roomId = roomId;
  }

  /** The place of the next message of a writer, which is about to be sent. */
  write(writer: number): number {
    const place = this.#written[writer] ?? 0;
    this.#written[writer] = place + 1;
    return place;
  }

  acknowledge(writer: number, place: number, seq: number, isDuplicate: boolean): void {
    this.#acks[writer] ??= [];
    this.#acks[writer][place] = seq;
    this.acknowledged++;
    if (isDuplicate) this.duplicates++;
  }

  /** Compares everything that was acknowledged with the room's history, which begins at 1. */
  compare(history: readonly string[]): Verdict {
    const verdict: Verdict = {
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
      misnumbered: 0,
      invented: 0,
      unacknowledgedKept: 0,
      unacknowledgedGone: 0,
      words: [],
    };
    const say = (kind: "lost" | "doubled" | "outOfOrder" | "misnumbered" | "invented", words: string) => {
      verdict[kind]++;
      if (verdict.words.length < MAX_WORDS) verdict.words.push(`${this.roomId}: ${words}`);
    };
    const found = this.#findAll(history, say);
    this.#written.forEach((written, writer) => {
      for (let place = 0; place < written; place++) {
        const seq = this.#acks[writer]?.[place];
        const kept = found[writer]?.[place];
        const name = nameMessage(writer, place);
        if (seq === undefined) verdict[kept === undefined ? "unacknowledgedGone" : "unacknowledgedKept"]++;
        else if (kept === undefined) say("lost", `${name} was acknowledged as ${seq} and is gone`);
        else if (kept !== seq) say("misnumbered", `${name} was acknowledged as ${seq} and is ${kept}`);
      }
    });
    return verdict;
  }

  #findAll(
    history: readonly string[],
    say: (kind: "doubled" | "outOfOrder" | "invented", words: string) => void,
  ): number[][] {
    const found: number[][] = [];
    const newest: number[] = [];
    history.forEach((name, index) => {
      const [writer, place] = name.split(".").map(Number);
      const seq = index + 1;
      if (!(place < this.#written[writer])) return say("invented", `${seq} is "${name}"`);
      found[writer] ??= [];
      if (found[writer][place] !== undefined) {
        return say("doubled", `${name} is at ${found[writer][place]} and ${seq}`);
      }
      found[writer][place] = seq;
      if (place < (newest[writer] ?? -1)) say("outOfOrder", `${name} at ${seq} came after ${newest[writer]}`);
      newest[writer] = Math.max(place, newest[writer] ?? -1);
    });
    return found;
  }
}
