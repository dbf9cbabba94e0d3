import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChildServer, runToEnd } from "../support/child_server.ts";
import { Peer } from "../support/peer.ts";
import { readmeRights } from "../support/readme.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { type CertificateOptions, TestAuthority } from "../support/test_authority.ts";

/** An authority that only those trust who are told of this file. */
async function makeAuthority(folder: TemporaryFolder) {
  const authority = await TestAuthority.make();
  const file = `${folder.path}/authority.pem`;
  await Deno.writeTextFile(file, authority.certificate);
  return { authority, file };
}

/** What a server says that does not start. */
async function refusal(STORE: string, DENO_CERT?: string): Promise<string> {
  const { code, stdout, stderr } = await runToEnd({ STORE, DENO_CERT });
  assertEquals([code, stdout], [1, ""], stderr);
  return stderr;
}

redisTest(
  "what is said on one node is heard on another, over TLS that a private authority vouches for",
  async () => {
    await using folder = await TemporaryFolder.make();
    const { authority, file } = await makeAuthority(folder);
    const acl = `chat on >secret resetchannels ${(await readmeRights()).join(" ")}`;
    await using redis = await RedisServer.start({ tls: await authority.certify(), acl });
    for (const host of ["127.0.0.1", "localhost"]) {
      const settings = {
        STORE: `rediss://chat:secret@${host}:${redis.port}`,
        DENO_CERT: file,
        LOG_LEVEL: "warn",
      };
      await using first = await ChildServer.start(settings);
      await using second = await ChildServer.start(settings);
      await using ann = await Peer.signIn(first, "ann");
      await using bob = await Peer.signIn(second, "bob");
      await ann.join("general");
      await bob.join("general");
      const { seq } = await ann.ask({ type: "chat", roomId: "general", content: `hello from ${host}` });
      const heard = await bob.next("chat");
      assertEquals([heard.seq, heard.content], [seq, `hello from ${host}`]);
      for (const server of [first, second]) server.signal("SIGTERM");
      for (const { ended } of [first, second]) assertEquals((await ended).stderr, "");
    }
  },
);

redisTest("a server finds a Redis again over TLS that was away", async () => {
  await using folder = await TemporaryFolder.make();
  const { authority, file } = await makeAuthority(folder);
  await using redis = await RedisServer.start({ tls: await authority.certify() });
  await using server = await ChildServer.start({ STORE: redis.url, DENO_CERT: file, LOG_LEVEL: "error" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  await redis.kill();
  const { code } = await ann.ask({ type: "chat", roomId: "general", id: "m1", content: "hello" });
  assertEquals(code, "unavailable");
  await redis.restart();
  const giveUpAt = performance.now() + 10_000;
  const say = () => ann.ask({ type: "chat", roomId: "general", id: "m1", content: "hello" });
  while ((await say()).type !== "ack") assert(performance.now() < giveUpAt);
});

redisTest(
  "a Redis that asks for certificates is shown one, and whatever is wrong with it is said",
  async () => {
    await using folder = await TemporaryFolder.make();
    const { authority, file } = await makeAuthority(folder);
    const settings = ["tls-auth-clients yes", `tls-ca-cert-file ${file}`];
    await using redis = await RedisServer.start({ tls: await authority.certify(), settings });
    const [cert, key] = [`${folder.path}/parley.crt`, `${folder.path}/parley.key`];
    const show = async (issuer: TestAuthority) => {
      const shown = await issuer.certify({ name: "parley" });
      await Deno.writeTextFile(cert, shown.certificate);
      await Deno.writeTextFile(key, shown.key);
    };
    const STORE = `${redis.url}?cert=${cert}&key=${key}`;
    const why = async (store = STORE) => (await refusal(store, file)).split(`:${redis.port}: `)[1];
    // It may have hung up before its reason was read.
    const distrust =
      /^(it hangs up, as if )?it wants to be shown a certificate that it trusts: \?cert=…&key=…\.\n$/;
    assertMatch(await why(redis.url), distrust);
    assertEquals(await why(), `"${cert}" cannot be read (ENOENT).\n`);
    await show(await TestAuthority.make());
    assertMatch(await why(), distrust);
    await Deno.writeTextFile(cert, "no certificate");
    assertEquals(
      await why(),
      "cert and key do not belong together, or it knows old ways to encrypt only.\n",
    );
    await show(authority);
    await using server = await ChildServer.start({ STORE, DENO_CERT: file, LOG_LEVEL: "warn" });
    await using ann = await Peer.signIn(server, "ann");
    await ann.join("general");
    assertEquals((await ann.ask({ type: "chat", roomId: "general", content: "hello" })).type, "ack");
  },
);

redisTest("a Redis whose certificate is not trusted is not used, and the start says so", async () => {
  await using folder = await TemporaryFolder.make();
  const { authority, file } = await makeAuthority(folder);
  const distrust =
    "its certificate has run out, or nobody who is trusted has issued it: DENO_CERT names whom to trust";
  const cases: [CertificateOptions, string | undefined, string][] = [
    [{}, undefined, distrust],
    [{ isExpired: true }, file, distrust],
    [{ name: "redis.example" }, file, "its certificate is for another host"],
  ];
  for (const [options, trusted, why] of cases) {
    await using redis = await RedisServer.start({
      tls: await authority.certify(options),
      password: "geheim",
    });
    const stderr = await refusal(redis.url, trusted);
    assertEquals(
      stderr,
      `Cannot start: STORE cannot be used: Cannot use Redis at rediss://127.0.0.1:${redis.port}: ${why}.\n`,
    );
  }
});

redisTest("a server says so when a Redis speaks TLS and it does not, or the other way round", async () => {
  await using folder = await TemporaryFolder.make();
  const { authority, file } = await makeAuthority(folder);
  await using encrypted = await RedisServer.start({ tls: await authority.certify() });
  await using plain = await RedisServer.start();
  const cases = [
    [
      `redis://127.0.0.1:${encrypted.port}`,
      "it hangs up, as if it wants TLS: rediss://",
    ],
    [`rediss://127.0.0.1:${plain.port}`, "it does not answer in TLS"],
  ];
  for (const [url, why] of cases) {
    assertEquals(
      await refusal(url, file),
      `Cannot start: STORE cannot be used: Cannot use Redis at ${url}: ${why}.\n`,
    );
  }
});
