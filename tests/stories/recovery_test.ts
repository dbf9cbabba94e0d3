import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const MANY = { HISTORY_LIMIT: "10000" };

/** Somebody in the hall who has said so many things there; each content is the message's own number. */
async function talk(server: TestServer, count: number, pad = ""): Promise<Peer> {
  const peer = await Peer.signIn(server, "ann");
  await peer.join("hall");
  if (count > 0) await say(peer, 1, count, pad);
  return peer;
}

async function say(peer: Peer, from: number, to: number, pad = ""): Promise<void> {
  for (let i = from; i <= to; i++) {
    peer.send({ type: "chat", roomId: "hall", content: `${i}${pad}` });
    // Together, long ones would be more than a reader may leave unread.
    if (pad !== "" || i === to) await peer.next("ack", ({ seq }) => seq === i);
  }
}

/** Joins, and takes the page that comes before `joined`. */
async function recover(peer: Peer, position: object): Promise<Said> {
  peer.send({ type: "join", roomId: "hall", ...position });
  const page = await peer.next("room_history");
  assertEquals((await peer.next("joined")).epoch, page.epoch);
  return page;
}

function seqsOf(page: Said): number[] {
  return (page.history as { seq: number }[]).map(({ seq }) => seq);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

async function epochOf(peer: Peer): Promise<string> {
  return String((await peer.ask({ type: "history", roomId: "hall", limit: 1 })).epoch);
}

Deno.test("who says what it has seen last gets everything missed, in order", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 120);
  await using bob = await Peer.signInPlainly(server, "bob");
  const epoch = await epochOf(ann);
  for (const after of [0, 1, 59, 60, 119]) {
    const page = await recover(bob, { after, epoch });
    assertEquals(
      [page.recovered, page.more, page.seq, page.epoch],
      [true, false, 120, epoch],
      `after ${after}`,
    );
    assertEquals(seqsOf(page), range(after + 1, 120));
  }
});

Deno.test("who has missed nothing is told so", async () => {
  await using server = await TestServer.start();
  await using ann = await talk(server, 3);
  await using bob = await Peer.signIn(server, "bob");
  const page = await recover(bob, { after: 3, epoch: await epochOf(ann) });
  assertEquals([page.recovered, page.more, page.history], [true, false, []]);
});

Deno.test("an empty room is recovered from before its first message", async () => {
  await using server = await TestServer.start();
  await using ann = await talk(server, 0);
  await using bob = await Peer.signIn(server, "bob");
  const page = await recover(bob, { after: 0, epoch: await epochOf(ann) });
  assertEquals([page.recovered, page.more, page.history, page.seq], [true, false, [], 0]);
});

Deno.test("after without an epoch trusts that the log is the same", async () => {
  await using server = await TestServer.start();
  await using _ann = await talk(server, 5);
  await using bob = await Peer.signIn(server, "bob");
  const page = await recover(bob, { after: 2 });
  assertEquals([page.recovered, seqsOf(page)], [true, [3, 4, 5]]);
});

Deno.test("another epoch, or a position beyond the head, brings the newest page and says so", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 80);
  await using bob = await Peer.signIn(server, "bob");
  const epoch = await epochOf(ann);
  const lost = [{ after: 70, epoch: "another life" }, { after: 0, epoch: "x" }, { after: 81, epoch }, {
    after: 81,
  }];
  const never = [Number.MAX_SAFE_INTEGER, 2 ** 53, 1e300, -1].map((after) => ({ after, epoch }));
  const nobodys = ["", "x".repeat(1_000), "\0", "\ud800"].map((epoch) => ({ after: 70, epoch }));
  for (const position of [...lost, ...never, ...nobodys]) {
    const page = await recover(bob, position);
    assertEquals([page.recovered, page.epoch, page.seq], [false, epoch, 80], JSON.stringify(position));
    assertEquals(seqsOf(page), range(31, 80), JSON.stringify(position));
  }
});

Deno.test("an epoch without a position is a first join", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 60);
  await using bob = await Peer.signIn(server, "bob");
  const page = await recover(bob, { epoch: await epochOf(ann) });
  assertEquals([page.recovered, seqsOf(page)], [false, range(11, 60)]);
});

Deno.test("a log that no longer reaches back brings the newest page and says so", async () => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "10" });
  await using ann = await talk(server, 30);
  await using bob = await Peer.signIn(server, "bob");
  const epoch = await epochOf(ann);
  for (const [after, recovered] of [[0, false], [19, false], [20, true], [25, true], [30, true]] as const) {
    const page = await recover(bob, { after, epoch });
    assertEquals([page.recovered, page.seq], [recovered, 30], `after ${after}`);
    assertEquals(seqsOf(page), recovered ? range(after + 1, 30) : range(21, 30), `after ${after}`);
  }
  const all = await ann.ask({ type: "history", roomId: "hall", after: 0, limit: 100 });
  assertEquals(seqsOf(all), range(21, 30), "at least the last HISTORY_LIMIT are kept");
});

Deno.test("a room in memory keeps its last 100 messages", async () => {
  await using server = await TestServer.start();
  await using ann = await talk(server, 150);
  const page = await ann.ask({ type: "history", roomId: "hall", after: 50, limit: 300 });
  assertEquals(seqsOf(page), range(51, 150));
});

Deno.test("a recovery is a page at a time: the rest is paged with history, and nothing is missing", async () => {
  await using server = await TestServer.start({ ...MANY, RECOVERY_LIMIT: "30" });
  await using ann = await talk(server, 100);
  await using bob = await Peer.signIn(server, "bob");
  let page = await recover(bob, { after: 5, epoch: await epochOf(ann) });
  const seqs = seqsOf(page);
  assertEquals([page.recovered, page.more, seqs.length, page.seq], [true, true, 30, 100]);
  while (page.more) {
    page = await bob.ask({ type: "history", roomId: "hall", after: seqs.at(-1), limit: 1_000 });
    assert(seqsOf(page).length <= 30);
    seqs.push(...seqsOf(page));
  }
  assertEquals(seqs, range(6, 100));
});

Deno.test("the limit of a recovery is none of a first join", async () => {
  await using server = await TestServer.start({ ...MANY, RECOVERY_LIMIT: "10" });
  await using ann = await talk(server, 60);
  await using bob = await Peer.signIn(server, "bob");
  const epoch = await epochOf(ann);
  for (const position of [{}, { after: 70, epoch }]) {
    const page = await recover(bob, position);
    assertEquals([page.recovered, page.more, seqsOf(page)], [false, true, range(11, 60)]);
  }
});

Deno.test("a recovery brings 300 messages at most, unless told otherwise", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 320);
  await using bob = await Peer.signIn(server, "bob");
  const epoch = await epochOf(ann);
  const page = await recover(bob, { after: 0, epoch });
  assertEquals([page.recovered, page.more, seqsOf(page)], [true, true, range(1, 300)]);
  const exact = await recover(bob, { after: 20, epoch });
  assertEquals([exact.recovered, exact.more, seqsOf(exact)], [true, false, range(21, 320)]);
});

Deno.test("a page ends at 256 KiB, and says that there is more", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 20, "安".repeat(20_000));
  await using bob = await Peer.signIn(server, "bob");
  let page = await recover(bob, { after: 0, epoch: await epochOf(ann) });
  const seqs = seqsOf(page);
  assertEquals([page.recovered, page.more], [true, true]);
  const bytes = () => new TextEncoder().encode(JSON.stringify(page.history)).length;
  assert(bytes() <= 256 * 1024 && bytes() > 190 * 1024, `a page of ${bytes()} bytes`);
  while (page.more) {
    page = await bob.ask({ type: "history", roomId: "hall", after: seqs.at(-1), limit: 300 });
    assert(bytes() <= 256 * 1024, `a page of ${bytes()} bytes`);
    seqs.push(...seqsOf(page));
  }
  assertEquals(seqs, range(1, 20));
  const newest = await recover(bob, {});
  assertEquals([newest.recovered, newest.more, seqsOf(newest).at(-1)], [false, true, 20]);
  assertEquals(seqsOf(newest), range(21 - seqsOf(newest).length, 20));
  assert(bytes() <= 256 * 1024);
});

Deno.test("history pages forward from a position, backward to one, and from the end", async () => {
  await using server = await TestServer.start(MANY);
  await using ann = await talk(server, 100);
  const cases: [object, number[], boolean][] = [
    [{}, range(51, 100), true],
    [{ limit: 3 }, [98, 99, 100], true],
    [{ limit: 1_000 }, range(1, 100), false],
    [{ after: 0, limit: 3 }, [1, 2, 3], true],
    [{ after: 97 }, [98, 99, 100], false],
    [{ after: 97, limit: 3 }, [98, 99, 100], false],
    [{ after: 97, limit: 2 }, [98, 99], true],
    [{ after: 100 }, [], false],
    [{ after: 1_000 }, [], false],
    [{ before: 4 }, [1, 2, 3], false],
    [{ before: 4, limit: 2 }, [2, 3], true],
    [{ before: 1 }, [], false],
    [{ before: 0 }, [], false],
    [{ before: 1_000, limit: 1 }, [100], true],
    [{ after: 10, before: 13 }, [11, 12], false],
    [{ after: 10, before: 20, limit: 2 }, [11, 12], true],
    [{ after: 20, before: 10 }, [], false],
  ];
  const epoch = await epochOf(ann);
  for (const [position, expected, more] of cases) {
    const { id: _, ...page } = await ann.ask({ type: "history", roomId: "hall", ...position });
    assertEquals(seqsOf(page), expected, JSON.stringify(position));
    assertEquals({ ...page, history: [] }, {
      ...{ type: "room_history", roomId: "hall", epoch, seq: 100, history: [], more },
    }, JSON.stringify(position));
  }
  for (const limit of [0, -1]) {
    assertEquals((await ann.ask({ type: "history", roomId: "hall", limit })).code, "bad_request");
  }
  for (const position of [{ after: -1 }, { before: -1 }]) {
    assertEquals((await ann.ask({ type: "history", roomId: "hall", ...position })).code, "bad_request");
  }
});

Deno.test("history is for members, also for those who are not there now", async () => {
  await using server = await TestServer.start();
  await using ann = await talk(server, 2);
  await using phone = await Peer.signIn(server, "ann");
  assertEquals(seqsOf(await phone.ask({ type: "history", roomId: "hall" })), [1, 2]);
  await ann.ask({ type: "leave", roomId: "hall" });
  assertEquals((await phone.ask({ type: "history", roomId: "hall" })).code, "not_a_member");
});

Deno.test("two rooms have two epochs, and an epoch stays as it is", async () => {
  await using server = await TestServer.start();
  await using ann = await talk(server, 1);
  const { epoch } = await ann.join("hall");
  assertNotEquals((await ann.join("other")).epoch, epoch);
  await say(ann, 2, 5);
  await ann.ask({ type: "leave", roomId: "hall" });
  assertEquals((await ann.join("hall")).epoch, epoch);
});

for (const kind of ["memory", "sqlite"]) {
  Deno.test(`after a lost connection the next one goes on where the last one stopped (${kind})`, async () => {
    await using folder = await TemporaryFolder.make();
    const store = kind === "memory" ? "memory:" : `sqlite:${folder.path}/parley.db`;
    await resumeAgainAndAgain(await TestServer.start({ ...MANY, RECOVERY_LIMIT: "1000", STORE: store }));
  });
}

async function resumeAgainAndAgain(started: TestServer): Promise<void> {
  await using server = started;
  await using ann = await talk(server, 0);
  const epoch = await epochOf(ann);
  const talking = say(ann, 1, 400);
  const seqs: number[] = [];
  for (let life = 0; life < 8; life++) {
    await using peer = await Peer.signIn(server, "dora");
    const page = await recover(peer, { after: seqs.length, epoch });
    assertEquals(page.recovered, true);
    seqs.push(...seqsOf(page));
    for (let i = 0; i < 20 && seqs.length < 400; i++) seqs.push(Number((await peer.next("chat")).seq));
  }
  await talking;
  assertEquals(seqs, range(1, seqs.length));
  assert(seqs.length >= 160);
}
