/** Runs the programs of the README, as they stand there but for the address of the server. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Peer } from "./support/peer.ts";
import { readmeBlocks, repoFile } from "./support/readme.ts";
import { packageFlags, Script } from "./support/script.ts";
import { Shell } from "./support/shell.ts";
import { TemporaryFolder } from "./support/temporary_folder.ts";
import { makeToken, SECRET, TestServer } from "./support/server.ts";

const API_KEY = "a-key-for-tests-that-nobody-guesses";

function at(address: string, code: string): string {
  assert(code.includes("localhost:8080"), code);
  return code.replaceAll("localhost:8080", address);
}

Deno.test("the client in a dozen lines has a dozen lines, says hello, and learns its number", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const [code] = await readmeBlocks("## A client in a dozen lines", "ts");
  assert(code.trimEnd().split("\n").length <= 12);
  await using script = await Script.start(at(server.address, code), { TOKEN: await makeToken("bob") });
  await script.wrote(/^bob: Hello from Deno$/m);
  await script.wrote(/^My message is number 1$/m);
  const { username, content, seq } = await ann.next("chat");
  assertEquals([username, content, seq], ["bob", "Hello from Deno", 1]);
});

Deno.test("the bot rolls dice for others, and does not listen to itself", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await ann.join("general");
  const [code] = await readmeBlocks("**A bot**", "ts");
  await using bot = await Script.start(at(server.address, code), { TOKEN: await makeToken("bot") });
  await bot.wrote(/^Rolling dice in general$/m);
  await ann.ask({ type: "chat", roomId: "general", content: "!roll nothing" });
  const { id } = await ann.ask({ type: "chat", roomId: "general", content: "!roll 1" });
  const answer = await ann.next("chat", ({ userId }) => userId === "bot");
  assertEquals([answer.content, answer.replyTo, answer.seq], ["Ann rolled 1.", id, 3]);
});

Deno.test("the bot starts as the README says, with a token that the task makes", async () => {
  await using server = await TestServer.start();
  await using folder = await TemporaryFolder.make();
  const file = `${folder.path}/bot.ts`;
  const [code] = await readmeBlocks("**A bot**", "ts");
  await Deno.writeTextFile(file, at(server.address, code).replace("./static", repoFile("static")));
  await using shell = new Shell({ JWT_SECRET: SECRET });
  const [command] = await readmeBlocks("**A bot**", "sh");
  assert(command.endsWith(" bot.ts\n"));
  await shell.type(command.replace(" bot.ts\n", ` "${file}" &`));
  await shell.wrote("Rolling dice in general");
});

Deno.test("the dashboard shows what is reported by shell", async () => {
  await using server = await TestServer.start({ API_KEY });
  const [code] = await readmeBlocks("**A dashboard**", "ts");
  await using dashboard = await Script.start(at(server.address, code), { TOKEN: await makeToken("bob") });
  await dashboard.wrote(/^Watching dashboard$/m);
  const [feed] = await readmeBlocks("**A dashboard**", "sh");
  const answers = [await runShell(at(server.address, feed)), await runShell(at(server.address, feed))];
  await dashboard.wrote(/^news: Version 7 is out$/m);
  await dashboard.wrote(/^load {"cpu":0.42}\nload {"cpu":0.42}$/m);
  assertEquals(dashboard.text.split("news: ").length, 2); // The second report had the same id.
  for (const answer of answers) assertMatch(answer, /"id":"deploy-7","roomId":"dashboard","seq":1/);
});

Deno.test("the shared cursor moves for everybody in the room", async () => {
  const [board, page] = await readmeBlocks("**A shared cursor**", "ts");
  await using program = await Script.start(board.replace("port: 8080", 'port: 0, hostname: "127.0.0.1"'), {
    JWT_SECRET: SECRET,
  });
  const [, port] = await program.wrote(/Listening on http:\/\/127\.0\.0\.1:(\d+)\//);
  const address = `127.0.0.1:${port}`;
  await using ann = await Peer.signIn({ address }, "ann");
  await ann.join("board");
  const move = 'dispatchEvent(Object.assign(new Event("pointermove"), { clientX: 3, clientY: 4 }));';
  const signedIn = page.replace('localStorage.getItem("token")!', `"${await makeToken("bob")}"`);
  await using browser = await Script.start(`${signedIn}\n${move}`, {}, [
    "--location",
    `http://${address}/`,
  ]);
  await browser.wrote(/^pointer { name: "bob", x: 3, y: 4 }$/m);
  const { event, data, roomId } = await ann.next("event");
  assertEquals([event, data, roomId], ["cursor", { name: "bob", x: 3, y: 4 }, "board"]);
});

Deno.test("a program of one's own serves Parley beside its own page, and hears what happens", async () => {
  const [code] = await readmeBlocks("## In your own program", "ts");
  const own = code.replace("port: 8080", 'port: 0, hostname: "127.0.0.1"');
  await using program = await Script.start(own, { JWT_SECRET: SECRET, STORE: "memory:" });
  const [, port] = await program.wrote(/Listening on http:\/\/127\.0\.0\.1:(\d+)\//);
  const address = `127.0.0.1:${port}`;
  assertEquals(await (await fetch(`http://${address}/`)).text(), "My own page");
  await using ann = await Peer.signIn({ address }, "ann");
  await ann.join("general");
  await ann.ask({ type: "chat", roomId: "general", content: "Hello" });
  await program.wrote(/^ann is in general\ngeneral #1$/m);
});

Deno.test("every command of the README's list is a task that helps", async () => {
  const readme = await Deno.readTextFile(repoFile("README.md"));
  const section = readme.slice(readme.indexOf("## On the command line"));
  const names = [...section.slice(0, section.indexOf("\n## ")).matchAll(/^\| `([\w-]+)/gm)].map(([, name]) =>
    name
  )
    .slice(1);
  const { tasks } = JSON.parse(await Deno.readTextFile(repoFile("deno.json")));
  assertEquals(names, ["token", "check-token", "check-config", "doctor", "tail", "say", "backup"]);
  const helps = await Promise.all(names.map(async (name) => {
    const file = /lib\/cli\/\w+\.ts$/.exec(tasks[name].command)![0];
    const args = ["run", "-A", ...packageFlags(), file, "--help"];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: repoFile(".") }).output();
    assertEquals(code, 0, name);
    return new TextDecoder().decode(stdout);
  }));
  for (const [i, help] of helps.entries()) assert(help.includes(`deno task ${names[i]}`), names[i]);
});

async function runShell(code: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-ec", code], env: { API_KEY } })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
