import { newId, type Room } from "../sdk/mod.ts";
import { recall, remember } from "./remembered.ts";

/** Sends files to a room. One that is chosen again after the page was reloaded goes on where it was. */
export function sendFiles(room: Room, files: readonly File[]): void {
  for (const file of files) {
    const key = `upload.${room.roomId}.${file.name}.${file.size}.${file.lastModified}`;
    const kept = recall("tab", key);
    const isFree = kept !== undefined && room.files.every(({ id }) => id !== kept);
    const id = isFree ? kept : newId();
    remember("tab", key, id);
    const forget = () => {
      if (recall("tab", key) === id) remember("tab", key, undefined);
    };
    room.sendFile(file, { id }).done.then(forget, forget);
  }
}
