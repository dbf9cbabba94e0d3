import { assert, assertEquals } from "@std/assert";
import { measureMessage } from "../../static/app/message_size.ts";

const FRAME_BYTES = 65_536;

function frameBytes(content: string, roomId: string): number {
  const frame = { type: "chat", roomId, content, id: "i".repeat(64), replyTo: "r".repeat(64) };
  return new TextEncoder().encode(JSON.stringify(frame)).length;
}

Deno.test("measureMessage() never lets a text through whose frame is over the limit", () => {
  for (const sign of ["a", "上", "😀", "\n", '"', "\u0001"]) {
    for (let length = 60_000; length > 0; length = Math.floor(length * 0.9)) {
      const content = sign.repeat(length);
      if (measureMessage(content, "房间", FRAME_BYTES).fits) {
        assert(frameBytes(content, "房间") <= FRAME_BYTES, `${length} times ${JSON.stringify(sign)}`);
      }
    }
  }
});

Deno.test("measureMessage() lets ordinary texts through and says when one is nearly full", () => {
  assertEquals(measureMessage("", "r", FRAME_BYTES).fits, true);
  assertEquals(measureMessage("a".repeat(50_000), "r", FRAME_BYTES), {
    fits: true,
    nearlyFull: false,
    charactersLeft: 15_274,
  });
  const nearly = measureMessage("上".repeat(19_000), "r", FRAME_BYTES);
  assert(nearly.fits && nearly.nearlyFull && nearly.charactersLeft > 2_500 && nearly.charactersLeft < 3_000);
  const over = measureMessage("上".repeat(22_000), "r", FRAME_BYTES);
  assert(!over.fits && over.charactersLeft < 0);
});
