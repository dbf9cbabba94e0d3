import { utf8Length } from "../kit/utf8.ts";
import { Counter } from "./counter.ts";

/** Counts frames and their bytes, as they come and go; the frames' own heads and what TLS adds are left out. */
export class Traffic {
  readonly framesIn = new Counter(
    "parley_frames_received_total",
    "Text and binary frames received. Grows when clients talk.",
  );
  readonly bytesIn = new Counter(
    "parley_received_bytes_total",
    "Bytes in the frames received. Grows when clients talk, or send more at a time.",
  );
  readonly framesOut = new Counter(
    "parley_frames_sent_total",
    "Frames sent. Grows when rooms are busy or large; with deliveries growing faster, frames carry several messages.",
  );
  readonly bytesOut = new Counter(
    "parley_sent_bytes_total",
    "Bytes in the frames sent. Grows when rooms are busy or large: it is what the network has to carry.",
  );
  readonly skipped = new Counter(
    "parley_skipped_total",
    "Typing, presence and the like not sent to readers that are behind. Grows when readers are slow.",
  );
  #text = "";
  #bytes = 0;

  received(frame: unknown): void {
    this.framesIn.value++;
    if (typeof frame === "string") this.bytesIn.value += utf8Length(frame);
    else if (frame instanceof ArrayBuffer) this.bytesIn.value += frame.byteLength;
  }

  /** Counts one frame; a text that goes to many in a row is measured once. */
  sent(frame: string): void {
    if (frame !== this.#text) {
      this.#text = frame;
      this.#bytes = utf8Length(frame);
    }
    this.framesOut.value++;
    this.bytesOut.value += this.#bytes;
  }
}
