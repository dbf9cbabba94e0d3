import type { UploadKey } from "../files/file_store.ts";
import type { Refusal } from "../protocol/codes.ts";
import type { Member } from "./member.ts";
import type { Transfer } from "./transfer.ts";

/** A connection that sends files. */
export interface Uploader extends Member {
  refuse(refusal: Refusal, id?: string, roomId?: string): void;
}

/** What one connection sends. */
interface Desk {
  readonly transfers: Map<number, Transfer>;
  nextHandle: number;
}

/** Which connection is at which upload: one at a time for each upload, several for each connection. */
export class Transfers {
  readonly #desks = new Map<Member, Desk>();
  /** Also those that their connection has let go of, until they are closed. */
  readonly #open = new Map<string, { readonly uploader: Uploader; readonly transfer: Transfer }>();

  /** Opens a transfer at a connection, which must not be gone, under a new handle. */
  add(uploader: Uploader, make: (handle: number) => Transfer): Transfer {
    let desk = this.#desks.get(uploader);
    if (desk === undefined) this.#desks.set(uploader, desk = { transfers: new Map(), nextHandle: 1 });
    const transfer = make(desk.nextHandle++);
    desk.transfers.set(transfer.handle, transfer);
    this.#open.set(nameUpload(transfer.key), { uploader, transfer });
    return transfer;
  }

  /** What a connection sends under a handle; `"ended"` for a handle that it had once. */
  at(uploader: Uploader, handle: number): Transfer | "ended" | undefined {
    const desk = this.#desks.get(uploader);
    const transfer = desk?.transfers.get(handle);
    if (transfer !== undefined) return transfer;
    return desk !== undefined && handle > 0 && handle < desk.nextHandle ? "ended" : undefined;
  }

  /** Everything a connection sends. */
  of(uploader: Member): Transfer[] {
    return [...this.#desks.get(uploader)?.transfers.values() ?? []];
  }

  find(uploader: Uploader, id: string): Transfer | undefined {
    return this.of(uploader).find(({ key }) => key.id === id);
  }

  /** Takes a transfer from its connection, which can send no more of it; returns whether it was there. */
  release(transfer: Transfer): boolean {
    const open = this.#open.get(nameUpload(transfer.key));
    if (open?.transfer !== transfer) return false;
    return this.#desks.get(open.uploader)?.transfers.delete(transfer.handle) ?? false;
  }

  /** Takes an upload from the connection that is at it. */
  take(key: UploadKey): Transfer | undefined {
    const transfer = this.#open.get(nameUpload(key))?.transfer;
    if (transfer !== undefined) this.release(transfer);
    return transfer;
  }

  /** Takes everything from a connection that is gone. */
  lose(uploader: Member): Transfer[] {
    const lost = this.of(uploader);
    this.#desks.delete(uploader);
    return lost;
  }

  /** Takes everything from every connection. */
  loseAll(): Transfer[] {
    return [...this.#desks.keys()].flatMap((uploader) => this.lose(uploader));
  }

  /** The transfer is closed; returns whether its upload was still with it. */
  forget(transfer: Transfer): boolean {
    const name = nameUpload(transfer.key);
    return this.#open.get(name)?.transfer === transfer && this.#open.delete(name);
  }
}

/** One text for each upload. */
export function nameUpload({ userId, roomId, id }: UploadKey): string {
  return JSON.stringify([userId, roomId, id]);
}
