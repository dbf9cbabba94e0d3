/** Commands that talk to a server: one says something, one follows what is said. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type ExitCode, runCommand } from "../../lib/cli/command.ts";
import { say } from "../../lib/cli/say.ts";
import { tail } from "../../lib/cli/tail.ts";
import { makeFile, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, SECRET, TestServer } from "../support/server.ts";
import { FakeTerminal, run } from "./fake_terminal.ts";

const AT_ONCE = { PRESENCE_GRACE_MS: "0" };

function at(server: TestServer, more: Record<string, string> = {}): Record<string, string> {
  return { PARLEY_URL: server.url, JWT_SECRET: SECRET, ...more };
}

/** Follows a room until the test is over. */
async function follow(server: TestServer, args: string[], variables: Record<string, string> = at(server)) {
  const terminal = new FakeTerminal(args, variables);
  const ended = runCommand(tail, terminal);
  await Promise.race([terminal.wrote(/^Following /), ended]);
  return { terminal, ended };
}

Deno.test("say sends one message and prints its number", async () => {
  await using server = await TestServer.start(AT_ONCE);
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  assertEquals(await run(say, ["general", "Hello", "from", "here"], at(server)), {
    code: 0,
    printed: ["1"],
    noted: [],
  });
  const { content, userId, username } = await ann.next("chat");
  assertEquals([content, userId, username], ["Hello from here", "terminal", "terminal"]);
  await ann.next("system", ({ event }) => event === "leave");
});

Deno.test("say takes its text from the input, as one message", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  assertEquals((await run(say, ["general", "--as", "deploy"], at(server), "one\n\n  two\n")).printed, ["1"]);
  const { content, userId } = await ann.next("chat");
  assertEquals([content, userId], ["one\n\n  two", "deploy"]);
});

Deno.test("say stays in a room that was its own before, and in no other", async () => {
  await using server = await TestServer.start(AT_ONCE);
  const own = await Peer.signIn(server, "terminal");
  await own.join("own");
  own.close();
  await own.closed;
  for (const room of ["own", "other"]) {
    assertEquals((await run(say, [room, "Hello"], at(server))).printed, ["1"]);
  }
  const protocols = ["parley.v1", `bearer.${await makeToken("terminal")}`];
  await using again = await Peer.open(server, { protocols });
  const { rooms } = await again.next("welcome") as unknown as { rooms: { roomId: string }[] };
  assertEquals(rooms.map(({ roomId }) => roomId), ["own"]);
});

Deno.test("a token that is given comes before one that could be made", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  await run(say, ["general", "Hello"], at(server, { PARLEY_TOKEN: await makeToken("bob") }));
  assertEquals((await ann.next("chat")).userId, "bob");
});

Deno.test("say comes as a guest where nothing else is left, and says so where guests are not let in", async () => {
  await using demo = await TestServer.start({ JWT_SECRET: undefined });
  const said = await run(say, ["general", "Hello", "--url", `ws://${demo.address}/ws`]);
  assertEquals([said.code, said.printed], [0, ["1"]]);
  await using server = await TestServer.start();
  const { code, noted } = await run(say, ["general", "Hello"], { PARLEY_URL: server.url });
  assertEquals(code, 1);
  assertMatch(noted[0], /lets no guests in: set PARLEY_TOKEN, or JWT_SECRET/);
});

Deno.test("say ends with 1 where the message is refused, the token is bad, or nobody answers", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  const refused = await run(say, ["general", "x".repeat(2_000)], at(server));
  assertEquals([refused.code, refused.printed], [1, []]);
  const token = await makeToken("ann", { rooms: ["elsewhere"] });
  const forbidden = await run(say, ["general", "Hello"], at(server, { PARLEY_TOKEN: token }));
  assertEquals([forbidden.code, forbidden.noted], [1, ["Not allowed"]]);
  const bad = await run(say, ["general", "Hello"], at(server, { PARLEY_TOKEN: "bad" }));
  assertEquals(bad.noted, ["The server does not let us in: Invalid token"]);
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const lonely = await run(
    say,
    ["general", "Hello", "--timeout", "1s"],
    at(server, { PARLEY_URL: `http://127.0.0.1:${port}` }),
  );
  assertEquals(lonely.code, 1);
  assertMatch(lonely.noted[0], new RegExp(`^127\\.0\\.0\\.1:${port} gave no answer`));
});

Deno.test("say and tail end with 2 where the arguments make no sense", async () => {
  const cases: [typeof say, string[], string?][] = [
    [say, []],
    [say, ["general"]],
    [say, ["general"], "\n"],
    [say, ["general", "Hello", "--timeout", "soon"]],
    [say, ["general", "Hello", "--url", "localhost:8080"]],
    [say, ["general", "Hello", "--loud"]],
    [tail, []],
    [tail, ["general", "more"]],
    [tail, ["general", "--last", "51"]],
    [tail, ["general", "--last", "all"]],
    [tail, ["general", "--url", "file:///x"]],
  ];
  for (const [command, args, input] of cases) {
    const { code, noted } = await run(command, args, { JWT_SECRET: SECRET }, input);
    assertEquals([code, noted.length], [2, 2], args.join(" "));
  }
});

Deno.test("tail shows what was said last, then what is said, who comes and who goes, until it is stopped", async () => {
  await using server = await TestServer.start(AT_ONCE);
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await ann.join("general");
  for (const content of ["one", "two", "three"]) await ann.ask({ type: "chat", roomId: "general", content });
  const { terminal, ended } = await follow(server, ["general", "--last", "2"]);
  await ann.ask({ type: "chat", roomId: "general", content: "four" });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("general");
  await terminal.wrote(/bob joined/);
  const shown = terminal.printed.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""));
  assertEquals(shown, ["#2 Ann: two", "#3 Ann: three", "#4 Ann: four", "- bob joined the room"]);
  terminal.stop();
  assertEquals(await ended, 0);
  await bob.next("system", ({ event, userId }) => event === "leave" && userId === "terminal");
});

Deno.test("tail shows text that a terminal would obey as what it is", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { username: "Ann \u202e" });
  await ann.join("general");
  const content = "\u001b]0;title\u0007 red\nsecond line \u009b31m";
  await ann.ask({ type: "chat", roomId: "general", content });
  for (
    const [args, pattern] of [
      [["general"], /#1 Ann \\u202e: \\u001b\]0;title\\u0007 red\\nsecond line \\u009b31m$/],
      [["general", "--json"], /"content":"\\u001b]0;title\\u0007 red\\nsecond line \\u009b31m"/],
    ] as const
  ) {
    const { terminal, ended } = await follow(server, [...args]);
    assertMatch(terminal.printed[0], pattern);
    if (args.length > 1) assertEquals(JSON.parse(terminal.printed[0]).content, content);
    terminal.stop();
    assertEquals(await ended, 0);
  }
});

Deno.test("tail names a file that comes without a text", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  await sendFile(ann, makeFile(3, { roomId: "general", name: "notes.txt" }));
  const { terminal, ended } = await follow(server, ["general"]);
  assertMatch(terminal.printed[0], /#1 ann: \[notes\.txt, 3 bytes\]$/);
  terminal.stop();
  assertEquals(await ended, 0);
});

Deno.test("tail ends with 1 where it is not let in", async () => {
  await using server = await TestServer.start();
  const token = await makeToken("ann", { rooms: ["elsewhere"] });
  const { terminal, ended } = await follow(server, ["general"], at(server, { PARLEY_TOKEN: token }));
  assertEquals(await ended, 1);
  assertEquals(terminal.noted, ["Not allowed"]);
  const bad = await follow(server, ["general"], at(server, { PARLEY_TOKEN: "bad" }));
  assertEquals(await bad.ended, 1);
  assertEquals(bad.terminal.noted.length, 1);
  assertMatch(bad.terminal.noted[0], /Invalid token/);
});

Deno.test("tail says that it lost the server and when it tries again, and can be stopped meanwhile", async () => {
  const first = await TestServer.start();
  const { terminal, ended } = await follow(first, ["general"]);
  await first[Symbol.asyncDispose]();
  await terminal.wrote(/^Not connected \(.*\): trying again in \d+ seconds\.$/);
  assert(!terminal.printed.some((line) => line.includes("Connected again")));
  terminal.stop();
  assertEquals(await ended, 0 satisfies ExitCode);
});
