import { assert, assertEquals, assertMatch } from "@std/assert";
import { doctor } from "../../lib/cli/doctor.ts";
import {
  checkClock,
  checkCores,
  checkDeno,
  checkDisk,
  checkFiles,
  checkFolder,
  checkPackages,
} from "../../lib/cli/machine_checks.ts";
import { openStore } from "../../lib/store/open_store.ts";
import { exportPem, makeKeyPair } from "../support/signing.ts";
import { SECRET, TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { run } from "./fake_terminal.ts";

const KEPT = { historyLimit: Infinity, historyMaxAgeMs: Infinity };

async function examine(folder: TemporaryFolder, variables: Record<string, string> = {}) {
  const usual = { PORT: "0", HOST: "127.0.0.1", STORE: "memory:", FILES_DIR: `${folder.path}/files` };
  const { code, printed } = await run(doctor, [], { ...usual, ...variables });
  const failures = printed.filter((line) => line.startsWith("FAILURE ")).map((line) => line.slice(8));
  return { code, text: printed.join("\n"), failures };
}

Deno.test("a machine that is as it should be ends with 0, and every check says so", async () => {
  await using folder = await TemporaryFolder.make();
  const { code, text, failures } = await examine(folder);
  assertEquals([code, failures], [0, []], text);
  for (const word of ["settings", "PORT", "STORE", "Deno 2", "Packages", "clock", "files", "folder", "GiB"]) {
    assertMatch(text, new RegExp(`^(ok|warning) .*${word}`, "m"));
  }
  assertMatch(text, /\d+ ok, \d warnings?, 0 failures$/);
});

Deno.test("the port is free, a running server's, or somebody else's", async () => {
  await using folder = await TemporaryFolder.make();
  await using server = await TestServer.start();
  const PORT = String(server.port);
  const beside = await examine(folder, { PORT });
  assertMatch(
    beside.text,
    new RegExp(`^ok +PORT ${PORT} is a running server's, with 0 connections, for \\d+ seconds`, "m"),
  );
  assertEquals(beside.code, 0);
  const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => new Response("Hello"));
  const taken = await examine(folder, { PORT: String(other.addr.port) });
  await other.shutdown();
  assertEquals([taken.code, taken.failures], [1, [`PORT ${other.addr.port} is taken by another program`]]);
  assertMatch((await examine(folder, { PORT: String(other.addr.port) })).text, /^ok +PORT \d+ is free/m);
  assertEquals((await examine(folder, { PORT, HOST: "192.0.2.1" })).failures, [
    "HOST 192.0.2.1 is not an address of this machine",
  ]);
});

Deno.test("a running server whose store is in trouble is still a server", async () => {
  await using folder = await TemporaryFolder.make();
  await using other = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.json({ status: "degraded", connections: 3, uptimeMs: 1000 }),
  );
  const { code, text } = await examine(folder, { PORT: String(other.addr.port) });
  assertMatch(
    text,
    /^warning +PORT \d+ is a running server's, with 3 connections.*; it says that it is degraded$/m,
  );
  assertEquals(code, 0);
});

Deno.test("a database is looked into and left as it is, also while a server writes to it", async () => {
  await using folder = await TemporaryFolder.make();
  const file = `${folder.path}/parley.db`;
  const STORE = `sqlite:${file}`;
  assertMatch(
    (await examine(folder, { STORE })).text,
    /^ok +The database .* is made when the server starts/m,
  );
  assertEquals(await exists(file), false);
  await using store = await openStore(STORE, KEPT);
  const owner = { userId: "ann", username: "Ann" };
  await store.createRoom({
    roomId: "general",
    roomName: "General",
    visibility: "public",
    passwordHash: null,
    owner,
  });
  const { code, text } = await examine(folder, { STORE });
  assertEquals(code, 0, text);
  assertMatch(text, /^ok +The database .* can be used: it holds 1 room$/m);
  assertEquals((await store.room("general"))?.roomName, "General");
});

Deno.test("a database that no server could use is a failure, and stays as it is", async () => {
  await using folder = await TemporaryFolder.make();
  const file = `${folder.path}/other.db`;
  await Deno.writeTextFile(file, "no database, and longer than the head of one would have to be.".repeat(20));
  const before = await Deno.readTextFile(file);
  const { code, failures } = await examine(folder, { STORE: `sqlite:${file}` });
  assertEquals([code, failures.length], [1, 1]);
  assertEquals(await Deno.readTextFile(file), before);
});

Deno.test("a database that is damaged where nobody has looked yet is a failure", async () => {
  await using folder = await TemporaryFolder.make();
  const file = `${folder.path}/parley.db`;
  {
    await using _ = await openStore(`sqlite:${file}`, KEPT);
  }
  {
    using disk = await Deno.open(file, { write: true });
    await disk.seek(12 * 4096, Deno.SeekMode.Start);
    await disk.write(crypto.getRandomValues(new Uint8Array(12 * 4096)));
  }
  const { code, failures } = await examine(folder, { STORE: `sqlite:${file}` });
  assertEquals([code, failures.length], [1, 1]);
});

Deno.test("a public key is read", async () => {
  await using folder = await TemporaryFolder.make();
  const JWT_PUBLIC_KEY = await exportPem((await makeKeyPair("ES256")).publicKey);
  const good = await examine(folder, { JWT_ALGORITHM: "ES256", JWT_PUBLIC_KEY });
  assertMatch(good.text, /^ok +JWT_PUBLIC_KEY is a key for ES256$/m);
  const bad = await examine(folder, { JWT_ALGORITHM: "RS256", JWT_PUBLIC_KEY });
  assertMatch(bad.failures[0], /^JWT_PUBLIC_KEY cannot be used/);
});

Deno.test("a key server is asked, and its clock compared", async () => {
  await using folder = await TemporaryFolder.make();
  let date = new Date().toUTCString();
  let body = '{"keys":[{},{}]}';
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(body, { headers: { date } }),
  );
  const settings = { JWT_ALGORITHM: "ES256", JWT_JWKS_URL: `http://127.0.0.1:${server.addr.port}/` };
  assertMatch((await examine(folder, settings)).text, /^ok +JWT_JWKS_URL answers with 2 keys$/m);
  date = new Date(Date.now() - 600_000).toUTCString();
  assertMatch((await examine(folder, settings)).text, /^warning +The clock is (9|10) minutes apart/m);
  body = "{}";
  assertEquals((await examine(folder, settings)).failures, ["JWT_JWKS_URL does not answer with keys"]);
  await server.shutdown();
  const { code, failures } = await examine(folder, settings);
  assertEquals([code, failures.length], [1, 1]);
});

Deno.test("settings that cannot be understood are told in one sentence", async () => {
  assertEquals(await run(doctor, [], { PORT: "x" }), {
    code: 1,
    printed: [],
    noted: ['PORT must be a whole number from 0 to 65535: it is "x"'],
  });
  for (const STORE of ["sqlite:", "sqlite://data/x.db", "mysql://host"]) {
    const { code, printed, noted } = await run(doctor, [], { STORE });
    assertEquals([code, printed, noted.length], [1, [], 1], STORE);
    assertMatch(noted[0], /^STORE cannot be used: Cannot open/);
  }
  assertEquals((await run(doctor, ["all"])).code, 2);
});

Deno.test("secrets are not told", async () => {
  await using folder = await TemporaryFolder.make();
  const { text } = await examine(folder, { JWT_SECRET: SECRET, STORE: "redis://user:hunter2@127.0.0.1:1" });
  assert(!text.includes(SECRET) && !text.includes("hunter2"), text);
});

Deno.test("what the machine offers is judged by limits", () => {
  assertEquals(
    [checkDeno("2.9.6"), checkDeno("2.10.0"), checkDeno("3.0.0")].map(({ state }) => state),
    Array(3).fill("ok"),
  );
  assertEquals([checkDeno("2.8.9"), checkDeno("1.46.3")].map(({ state }) => state), ["warning", "warning"]);
  assertMatch(checkPackages("jsr:@zaubrik/djwt@3.0.2").text, /from JSR/);
  assertMatch(checkPackages("file:///lib/without_jsr/djwt.ts").text, /from npm/);
  assertEquals([checkClock(0).state, checkClock(Date.UTC(2030, 0, 1)).state], ["failure", "ok"]);
  const files = [undefined, Infinity, 25_000, 24_999, 1_024].map((limit) => checkFiles(limit, 20_000));
  assertEquals(files.map(({ state }) => state), ["ok", "ok", "ok", "warning", "warning"]);
  assertMatch(files[4].text, /^1024 files may be open, enough for 819 connections: raise ulimit -n/);
  assertEquals([checkCores(4, 1), checkCores(4, 4)].map(({ state }) => state), ["ok", "ok"]);
  assertEquals(checkCores(1, 2), {
    state: "warning",
    text: "WORKERS is 2, and this machine has 1 core: more are no faster",
  });
  const disks = [2 ** 31, 2 ** 29, 2 ** 20].map((bytes) => checkDisk("data", bytes).state);
  assertEquals(disks, ["ok", "warning", "failure"]);
});

Deno.test("a folder is tried by writing to it, and left as it was", async () => {
  await using folder = await TemporaryFolder.make();
  assertEquals((await checkFolder(folder.path)).text, `The folder ${folder.path} can be written to`);
  assertEquals((await checkFolder(`${folder.path}/a/b`)).state, "ok");
  assertEquals([...Deno.readDirSync(folder.path)], []);
  assertEquals((await checkFolder("/proc/self")).state, "failure");
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
