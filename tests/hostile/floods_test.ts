import { assert, assertEquals, assertLess } from "@std/assert";
import { concatBytes, encodeFrame, type RawFrame, RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake, signInRaw } from "../support/raw_story.ts";
import { TestServer } from "../support/server.ts";
import { countConnections, Witness } from "./witness.ts";

/** The limits are as they come. */
const LIMITED = { RATE_CHAT: "", RATE_OTHER: "" };

/** Enough for the tests to see a difference, and little enough for a small machine. */
const MANY = 20_000;

const FLOODS: Record<string, Uint8Array> = {
  "of commands": repeat(MANY, encodeFrame({ opcode: 1, payload: '{"type":"ping"}' })),
  "of signs of life": repeat(MANY, encodeFrame({ opcode: 1, payload: "ping" })),
  "of nonsense": repeat(MANY, encodeFrame({ opcode: 1, payload: "x" })),
  "of nonsense in one frame": encodeFrame({ opcode: 1, payload: "x\n".repeat(32_000) }),
  "of empty objects": encodeFrame({ opcode: 1, payload: "{}\n".repeat(21_000) }),
  "of binary frames": repeat(MANY, encodeFrame({ opcode: 2 })),
  "of joins": repeat(MANY, encodeFrame({ opcode: 1, payload: '{"type":"join","roomId":"a"}' })),
  "of messages that are too large": repeat(200, encodeFrame({ opcode: 1, payload: "x".repeat(65_537) })),
};

for (const [name, bytes] of Object.entries(FLOODS)) {
  Deno.test(`a flood ${name} is cut off, and others are served meanwhile`, async () => {
    await using server = await TestServer.start(LIMITED);
    await using witness = await Witness.arrive(server);
    using stranger = await signInRaw(server, "stranger");
    const [frames] = await Promise.all([readToClose(stranger), stranger.write(bytes), witness.isServed()]);
    assertLess(frames.length, 3_000, "answers");
    assertEquals(readCode(frames.at(-1)), 4009);
    stranger.close();
    await witness.isAlone();
  });
}

Deno.test("a flood that is no flood of commands is ridden out", async (t) => {
  await using server = await TestServer.start(LIMITED);
  await using witness = await Witness.arrive(server);
  const floods = {
    "of ping frames": repeat(MANY, encodeFrame({ opcode: 9, payload: "x" })),
    "of pong frames": repeat(MANY, encodeFrame({ opcode: 10, payload: "x" })),
    "of fragments": concatBytes(
      encodeFrame({ opcode: 1, payload: "{", isFinal: false }),
      repeat(MANY, encodeFrame({ opcode: 0, isFinal: false })),
      encodeFrame({ opcode: 0, payload: '"type":"ping"}' }),
    ),
  };
  for (const [name, bytes] of Object.entries(floods)) {
    await t.step(name, async () => {
      using stranger = await signInRaw(server, "stranger");
      const answered = stranger.hear("pong");
      await stranger.write(bytes);
      await Promise.all([stranger.say({ type: "ping", id: "afterwards" }), answered, witness.isServed()]);
    });
  }
  await witness.isAlone();
});

Deno.test("more connections than there may be are refused, and there is room again when some have gone", async () => {
  await using server = await TestServer.start({ MAX_CONNECTIONS: "100" });
  await using witness = await Witness.arrive(server);
  const strangers = await Promise.all(Array.from({ length: 300 }, async () => {
    const peer = await RawSocket.connect(server.port);
    await peer.write(encodeHandshake("/ws"));
    const { status, headers } = await peer.readHead();
    return { peer, status, retryAfter: headers.get("retry-after") };
  }));
  const refused = strangers.filter(({ status }) => status === 503);
  assertEquals([strangers.filter(({ status }) => status === 101).length, refused.length], [99, 201]);
  assert(refused.every(({ retryAfter }) => Number(retryAfter) > 0));
  assertEquals(await countConnections(server), 100);
  await witness.isServed();
  for (const { peer } of strangers) peer.close();
  await witness.isAlone();
  using late = await RawSocket.open(server.port);
  late.close();
  await witness.isAlone();
});

Deno.test("guests who come all at once are told to wait", async () => {
  await using server = await TestServer.start({ GUESTS: "on" });
  await using witness = await Witness.arrive(server);
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"username":"ann"}',
  };
  const answers = await Promise.all(Array.from({ length: 300 }, async () => {
    const response = await fetch(`${server.url}/api/token`, init);
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after"),
      ...await response.json(),
    };
  }));
  const refused = answers.filter(({ status }) => status === 429);
  assert(refused.length > 0 && refused.length <= 200, `${refused.length} of 300 were refused`);
  assert(refused.every(({ code, retryAfter }) => code === "rate_limited" && Number(retryAfter) > 0));
  assertEquals(answers.filter(({ status }) => status === 200).length, 300 - refused.length);
  await witness.isAlone();
});

function repeat(count: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(...Array<Uint8Array>(count).fill(bytes));
}

/** Everything up to the close frame, or to where the connection was cut. */
async function readToClose(peer: RawSocket): Promise<RawFrame[]> {
  const frames: RawFrame[] = [];
  for (
    let frame;
    (frame = await peer.readFrame()) !== undefined && frames.push(frame) && frame.opcode !== 8;
  );
  return frames;
}

/** What a close frame says; `undefined` for any other. */
function readCode(frame: RawFrame | undefined): number | undefined {
  return frame?.opcode === 8 ? frame.payload[0] << 8 | frame.payload[1] : undefined;
}
