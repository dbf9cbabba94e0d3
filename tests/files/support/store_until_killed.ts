import { createHash } from "node:crypto";
import { DiskFiles } from "../../../lib/files/disk_files.ts";

/** Stores one file after another in the folder given, and says which are kept, until somebody ends the process. */
const files = await DiskFiles.open(Deno.args[0]);
for (let i = 0;; i++) {
  const bytes = crypto.getRandomValues(new Uint8Array(10_000 + i));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const key = { userId: "ann", roomId: "general", id: String(i) };
  const upload = await files.begin(key, { name: "a", size: bytes.length, mime: "a/b", sha256 });
  await upload.write(bytes);
  const record = await upload.finish();
  console.log(record?.fileId, sha256);
}
