import type { OutgoingError, OutgoingStatus } from "./outgoing.ts";
import type { StoredMessage } from "./unsent_store.ts";

/** What became of a message in the tab that sends it. */
export type StatusNote = {
  note: "status";
  roomId: string;
  id: string;
  status: OutgoingStatus;
  seq?: number;
  timestamp?: number;
  error?: OutgoingError;
};

/** What one tab tells the others about an unsent message. */
export type TabNote =
  | { note: "written"; message: StoredMessage }
  | { note: "discarded"; roomId: string; id: string }
  | StatusNote;

/** Speaks with the other tabs that share a store. Notes are hints: the store has the truth. */
export class TabChannel {
  #channel: BroadcastChannel | undefined;

  /** Without a name, or where tabs cannot speak, there is nobody to hear. */
  constructor(name: string | undefined, onNote: (note: TabNote) => void) {
    if (name === undefined || !globalThis.BroadcastChannel) return;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = (event: MessageEvent<TabNote>) => onNote(event.data);
  }

  post(note: TabNote): void {
    this.#channel?.postMessage(note);
  }

  close(): void {
    this.#channel?.close();
  }
}
