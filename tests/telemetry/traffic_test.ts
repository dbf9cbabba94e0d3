import { assertEquals } from "@std/assert";
import { Traffic } from "../../lib/telemetry/traffic.ts";

Deno.test("Traffic counts frames and their bytes as UTF-8, the same text again and again included", () => {
  const traffic = new Traffic();
  for (const frame of ["abc", "abc", "界", "界", "abc", ""]) traffic.sent(frame);
  assertEquals([traffic.framesOut.value, traffic.bytesOut.value], [6, 3 + 3 + 3 + 3 + 3]);
  traffic.received("é");
  traffic.received(new ArrayBuffer(5));
  traffic.received(undefined);
  assertEquals([traffic.framesIn.value, traffic.bytesIn.value], [3, 7]);
});
