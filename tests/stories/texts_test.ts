import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const TEXTS = {
  "an emoji of several code points": "👩‍👩‍👧‍👦 🇨🇳",
  "NUL and other controls": "\u0000\u0001\u001f\u007f\u009f",
  "blanks alone": "   ",
  "blanks around": " \t text \n ",
  "line breaks of every kind": "one\ntwo\r\nthree\u2028four\u2029five",
  "HTML": `<img src=x onerror="alert('1')"> &amp; </script>`,
  "Chinese": "我家在上海东边",
  "both normal forms of one letter": "\u00e9 e\u0301",
  "text that runs both ways": "abc \u202eאבג",
  "what looks like the protocol": '{"type":"error"}\nping',
  "a byte order mark": "\ufeffx",
  "names of every object": "__proto__ constructor",
};

for (const [what, content] of Object.entries(TEXTS)) {
  Deno.test(`a message is told and kept exactly as it was sent: ${what}`, async () => {
    await using server = await TestServer.start();
    await using ann = await Peer.signIn(server, "ann");
    await using bob = await Peer.signInPlainly(server, "bob");
    await ann.join("hall");
    await bob.join("hall");
    ann.send({ type: "chat", roomId: "hall", content });
    for (const peer of [ann, bob]) assertEquals((await peer.next("chat")).content, content);
    const { history } = await ann.ask({ type: "history", roomId: "hall" });
    assertEquals((history as { content: string }[]).map((message) => message.content), [content]);
  });
}

Deno.test("a message may be as long as its frame", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const frame = (content: string) => JSON.stringify({ type: "chat", roomId: "hall", content });
  const content = "x".repeat(65_536 - frame("").length);
  ann.send(frame(content));
  assertEquals((await ann.next("chat")).content, content);
  ann.send(frame(content + "x"));
  assertEquals((await ann.next("error")).code, "too_large");
});

Deno.test("names of rooms are kept exactly, and compared byte for byte", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const names = [
    "Hall",
    "hall",
    " hall",
    "hall ",
    "\u00e9",
    "e\u0301",
    "大厅",
    "a/b?c=d&e#f",
    "__proto__",
    "👩‍👩‍👧‍👦",
  ];
  for (const roomId of names) {
    const joined = await ann.join(roomId, { roomName: `<b>${roomId}</b>` });
    assertEquals([joined.roomId, joined.roomName, joined.members], [roomId, `<b>${roomId}</b>`, 1]);
    ann.send({ type: "chat", roomId, content: roomId });
    assertEquals((await ann.next("chat")).seq, 1, `${roomId} is a room of its own`);
  }
  const { rooms } = await ann.ask({ type: "rooms" });
  assertEquals(new Set((rooms as { roomId: string }[]).map(({ roomId }) => roomId)), new Set(names));
});

Deno.test("a room's name may have 128 characters, and no control character", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  for (const roomId of ["x", "x".repeat(128), "👍".repeat(128)]) {
    assertEquals((await ann.ask({ type: "join", roomId })).type, "joined");
  }
  for (
    const roomId of ["x".repeat(129), "👍".repeat(129), "a\nb", "\u0000", "a\u007f", "a\u0085", "\ud800"]
  ) {
    const refusal = await ann.ask({ type: "join", roomId });
    assertEquals([refusal.type, refusal.code], ["error", "bad_request"], JSON.stringify(roomId));
    assert(String(refusal.message).startsWith("roomId "), String(refusal.message));
  }
});

Deno.test("names of people come from their tokens, exactly", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann <1>", { username: " Änn 安 👩‍👩‍👧‍👦 <b> " });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("hall");
  await ann.join("hall");
  const { userId, username, message } = await bob.next("system");
  assertEquals([userId, username], ["ann <1>", " Änn 安 👩‍👩‍👧‍👦 <b> "]);
  assertEquals(message, " Änn 安 👩‍👩‍👧‍👦 <b>  joined the room");
});

Deno.test("identity and time are the server's, whatever a message claims", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await ann.join("hall");
  const before = Date.now();
  const lies = {
    userId: "bob",
    username: "Bob",
    seq: 99,
    timestamp: 1,
    epoch: "x",
    file: { url: "x" },
    admin: true,
  };
  ann.send({ type: "chat", roomId: "hall", content: "me", id: "m", ...lies });
  const { timestamp, ...rest } = await ann.next("chat");
  assertEquals(rest, {
    ...{ type: "chat", id: "m", roomId: "hall", seq: 1 },
    ...{ userId: "ann", username: "Ann", content: "me" },
  });
  assert(Number(timestamp) >= before && Number(timestamp) <= Date.now());
});

Deno.test("unknown fields are ignored in every command", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const extra = { x: null, toString: 1, constructor: {}, ["__proto__"]: { type: "leave" }, nested: [[[{}]]] };
  const commands: [object, string][] = [
    [{ type: "join", roomId: "hall" }, "joined"],
    [{ type: "chat", roomId: "hall", content: "x" }, "ack"],
    [{ type: "typing", roomId: "hall", isTyping: true }, "ok"],
    [{ type: "history", roomId: "hall" }, "room_history"],
    [{ type: "members", roomId: "hall" }, "members"],
    [{ type: "rooms" }, "rooms"],
    [{ type: "ping" }, "pong"],
    [{ type: "leave", roomId: "hall" }, "left"],
  ];
  for (const [command, answer] of commands) {
    assertEquals((await ann.ask({ ...extra, ...command })).type, answer);
  }
});

Deno.test("fields of any wrong type are refused, and nothing else happens", async () => {
  await using server = await TestServer.start();
  const deep = JSON.parse("[".repeat(1_000) + "]".repeat(1_000));
  const wrong = [7, true, {}, [], ["hall"], { length: 4 }, { toString: "x" }, deep];
  const commands: [object, string][] = [
    [{ type: "chat", roomId: "hall", content: "x" }, "roomId"],
    [{ type: "chat", roomId: "hall", content: "x" }, "content"],
    [{ type: "chat", roomId: "hall", content: "x" }, "replyTo"],
    [{ type: "join", roomId: "hall" }, "roomId"],
    [{ type: "join", roomId: "hall" }, "password"],
    [{ type: "join", roomId: "hall" }, "epoch"],
    [{ type: "typing", roomId: "hall", isTyping: true }, "roomId"],
    [{ type: "leave", roomId: "hall" }, "roomId"],
    [{ type: "members", roomId: "hall" }, "roomId"],
    [{ type: "history", roomId: "hall" }, "roomId"],
    [{ type: "auth", token: "x" }, "token"],
  ];
  for (const [command, field] of commands) {
    await using ann = await joined(server);
    for (const value of wrong) {
      const refusal = await ann.ask({ ...command, [field]: value });
      assertEquals(
        [refusal.type, refusal.code],
        ["error", "bad_request"],
        `${JSON.stringify(command)} ${field}`,
      );
      assert(String(refusal.message).includes(field), String(refusal.message));
    }
  }
  await using ann = await joined(server);
  for (const value of ["5", 1.5, {}, [], true, 1e300]) {
    for (const field of ["after", "before", "limit"]) {
      const refusal = await ann.ask({ type: "history", roomId: "hall", [field]: value });
      assertEquals(
        [refusal.code, String(refusal.message).startsWith(field)],
        ["bad_request", true],
        `${field} ${value}`,
      );
    }
  }
  for (const after of ["5", 1.5, {}, [], true]) {
    assertEquals((await ann.ask({ type: "join", roomId: "hall", after })).code, "bad_request");
  }
  for (const isTyping of ["true", 1, 0, null, {}, undefined]) {
    assertEquals((await ann.ask({ type: "typing", roomId: "hall", isTyping })).code, "bad_request");
  }
  assertEquals((await ann.ask({ type: "history", roomId: "hall" })).history, []);
});

/** Somebody new in the hall: one connection may not make more than 100 errors. */
async function joined(server: TestServer): Promise<Peer> {
  const peer = await Peer.signIn(server, "ann");
  await peer.join("hall");
  return peer;
}
