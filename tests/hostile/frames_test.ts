import { assert, assertEquals } from "@std/assert";
import { concatBytes, encodeClose, encodeFrame, type FrameShape, RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";
import { signInRaw } from "../support/raw_story.ts";
import { Witness } from "./witness.ts";

/** What becomes of the peer: it can go on talking, it is cut off without a word, or closed with a code. */
type Outcome = "goes on" | "is cut" | `is closed with ${number}`;

/** An input, and what may become of who sends it; two outcomes where the runtime is more patient than RFC 6455. */
type Row = readonly [name: string, bytes: Uint8Array, ...outcomes: Outcome[]];

const PING = JSON.stringify({ type: "ping", id: "in the frame" });
const HALVES = [PING.slice(0, 9), PING.slice(9)];
const NO_UTF8 = new Uint8Array([0xff, 0xfe]);

const HEADERS: Row[] = [
  ["an unmasked text", frame({ opcode: 1, payload: PING, isMasked: false }), "goes on", "is cut"],
  ["an unmasked ping", frame({ opcode: 9, payload: "x", isMasked: false }), "goes on", "is cut"],
  ...[1, 2, 4, 7].map((reserved): Row => [
    `reserved bits ${reserved}`,
    frame({ opcode: 1, payload: PING, reserved }),
    "is cut",
  ]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): Row => [
    `opcode ${opcode}`,
    frame({ opcode, payload: PING }),
    "is cut",
  ]),
  [
    "HTTP on the open socket",
    new TextEncoder().encode("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"),
    "is cut",
  ],
  [
    "a 16-bit length that fits in 7",
    frame({ opcode: 1, payload: PING, lengthBits: 16 }),
    "goes on",
    "is cut",
  ],
  [
    "a 64-bit length that fits in 7",
    frame({ opcode: 1, payload: PING, lengthBits: 64 }),
    "goes on",
    "is cut",
  ],
  ["a ping with a 64-bit length", frame({ opcode: 9, payload: "x", lengthBits: 64 }), "goes on", "is cut"],
  ...[1n << 26n, 1n << 30n, (1n << 63n) - 1n, 1n << 63n].map((declaredLength): Row => [
    `a length of ${declaredLength}`,
    frame({ opcode: 1, payload: "0123456789", declaredLength }),
    "is cut",
  ]),
];

const CONTROL: Row[] = [
  ["a ping of 125 bytes", frame({ opcode: 9, payload: "x".repeat(125) }), "goes on"],
  ["a ping of 126 bytes", frame({ opcode: 9, payload: "x".repeat(126) }), "is cut"],
  ["a pong of 126 bytes", frame({ opcode: 10, payload: "x".repeat(126) }), "goes on", "is cut"],
  ["a pong of 1 MiB", frame({ opcode: 10, payload: "x".repeat(1 << 20) }), "goes on", "is cut"],
  ["a pong nobody asked for", frame({ opcode: 10 }), "goes on"],
  ["a fragmented ping", frame({ opcode: 9, isFinal: false }), "is cut"],
  ["a fragmented close", frame({ opcode: 8, isFinal: false }), "is cut"],
  ["a close of one byte", frame({ opcode: 8, payload: "x" }), "is cut"],
  ["a close without a code", frame({ opcode: 8 }), "is closed with 0"],
  ["a close whose reason is no UTF-8", encodeClose(1000, NO_UTF8), "is cut"],
  ["a close of 126 bytes", encodeClose(1000, "x".repeat(124)), "is closed with 1000", "is cut"],
  ["a close of 65,002 bytes", encodeClose(1000, "x".repeat(65_000)), "is closed with 1000", "is cut"],
  ...[1000, 1001, 1011, 1012, 1013, 3000, 4000, 4999].map((code): Row => [
    `a close with ${code}`,
    encodeClose(code),
    `is closed with ${code}`,
  ]),
  ...[0, 999, 1004, 1005, 1006, 1014, 1015, 1016, 2999, 5000, 65_535].map((code): Row => [
    `a close with ${code}, which nobody may send`,
    encodeClose(code),
    "is closed with 1002",
  ]),
];

const MESSAGES: Row[] = [
  ["an empty text", frame({ opcode: 1 }), "goes on"],
  ["an empty binary frame", frame({ opcode: 2 }), "goes on"],
  ["a text that is no UTF-8", frame({ opcode: 1, payload: NO_UTF8 }), "is cut"],
  [
    "a text with half of a surrogate pair",
    frame({ opcode: 1, payload: new Uint8Array([0xed, 0xa0, 0x80]) }),
    "is cut",
  ],
  ["a first fragment that is no UTF-8", fragments(NO_UTF8, HALVES[1]), "is cut"],
  ["a last fragment that is no UTF-8", fragments(HALVES[0], NO_UTF8), "is cut"],
  ["a text that ends inside a character", fragments(PING, new Uint8Array([0xe2, 0x82])), "goes on", "is cut"],
  ["a continuation of nothing", frame({ opcode: 0, payload: PING }), "is cut"],
  [
    "a whole text inside a fragmented one",
    concatBytes(
      frame({ opcode: 1, payload: HALVES[0], isFinal: false }),
      frame({ opcode: 1, payload: PING }),
    ),
    "is cut",
  ],
  [
    "a fragmented text inside another",
    concatBytes(frame({ opcode: 1, payload: "{", isFinal: false }), fragments(...HALVES)),
    "goes on",
    "is cut",
  ],
  [
    "a fragmented text inside a binary frame",
    concatBytes(frame({ opcode: 2, payload: "{", isFinal: false }), fragments(...HALVES)),
    "goes on",
    "is cut",
  ],
  [
    "a ping between fragments",
    concatBytes(
      frame({ opcode: 1, payload: HALVES[0], isFinal: false }),
      frame({ opcode: 9 }),
      frame({ opcode: 0, payload: HALVES[1] }),
    ),
    "goes on",
  ],
  [
    "a close between fragments",
    concatBytes(frame({ opcode: 1, payload: HALVES[0], isFinal: false }), encodeClose(1000)),
    "is closed with 1000",
  ],
  ["300 empty fragments", fragments(...Array<string>(300).fill(""), PING), "goes on"],
  ["a text of 64 KiB and a byte", frame({ opcode: 1, payload: "x".repeat(65_537) }), "goes on"],
  ["a text of 256 KiB and a byte", frame({ opcode: 1, payload: "x".repeat(262_145) }), "is closed with 1009"],
  [
    "a binary frame of four file chunks and a byte",
    frame({ opcode: 2, payload: "x".repeat(4 * (262_144 + 12) + 1) }),
    "is closed with 1009",
  ],
  [
    "fragments of 257 KiB together",
    fragments(...Array<string>(257).fill("x".repeat(1_024))),
    "is closed with 1009",
  ],
  [
    "data behind a close",
    concatBytes(encodeClose(1000), frame({ opcode: 1, payload: PING })),
    "is closed with 1000",
  ],
];

for (const [kind, rows] of Object.entries({ HEADERS, CONTROL, MESSAGES })) {
  Deno.test(`hostile frames reach nobody but who sends them: ${kind.toLowerCase()}`, async (t) => {
    await using server = await TestServer.start();
    await using witness = await Witness.arrive(server);
    for (const [name, bytes, ...outcomes] of rows) {
      await t.step(name, async () => {
        using stranger = await signInRaw(server, "stranger");
        await stranger.write(bytes);
        const outcome = await observe(stranger, outcomes.includes("goes on"));
        assert(outcomes.includes(outcome), `the peer ${outcome}, and not: ${outcomes.join(", ")}`);
        await witness.isServed();
      });
    }
    await witness.isAlone();
  });
}

Deno.test("a frame that never comes to its end holds up nobody else", async () => {
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  const strangers = await Promise.all([16n << 20n, (64n << 20n) - 1n].map(async (declaredLength) => {
    const stranger = await signInRaw(server, "stranger");
    await stranger.send({ opcode: 1, payload: "0123456789", declaredLength });
    return stranger;
  }));
  await witness.isServed();
  for (const stranger of strangers) stranger.close();
  await witness.isAlone();
});

Deno.test("what came before the end of the stream is still done, and what did not come whole is not", async () => {
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  using stranger = await signInRaw(server, "stranger");
  const cut = frame({ opcode: 1, payload: JSON.stringify({ type: "ping", id: "cut" }) });
  await stranger.write(concatBytes(frame({ opcode: 1, payload: PING }), cut.subarray(0, -1)));
  await stranger.closeWrite();
  const said = (await stranger.readToEnd()).map(({ payload }) =>
    JSON.parse(new TextDecoder().decode(payload))
  );
  assertEquals(said.map(({ type, id }) => [type, id]), [["pong", "in the frame"]]);
  await witness.isAlone();
});

/** What becomes of a peer: whether it goes on is seen from one more command, which would cut a close frame off. */
async function observe(peer: RawSocket, mayGoOn: boolean): Promise<Outcome> {
  if (mayGoOn) await peer.say({ type: "ping", id: "afterwards" });
  for (let heard; (heard = await peer.readFrame()) !== undefined;) {
    const { opcode, payload } = heard;
    if (opcode === 8) return `is closed with ${(payload[0] ?? 0) << 8 | (payload[1] ?? 0)}`;
    if (opcode === 1 && new TextDecoder().decode(payload).includes("afterwards")) return "goes on";
  }
  return "is cut";
}

function frame(shape: FrameShape): Uint8Array<ArrayBuffer> {
  return encodeFrame(shape);
}

/** A text in several frames. */
function fragments(...parts: (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const last = parts.length - 1;
  return concatBytes(
    ...parts.map((payload, i) => frame({ opcode: i === 0 ? 1 : 0, payload, isFinal: i === last })),
  );
}
