import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import denoConfig from "../../deno.json" with { type: "json" };
import importMap from "../../lib/without_jsr/import_map.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const NPM_FLAGS = "--import-map=lib/without_jsr/import_map.json --lock=lib/without_jsr/deno.lock\n";

/** More than the program allows itself to wait, with room for a busy machine. */
const LIMIT_MS = 6000;

interface Outcome {
  code: number;
  flags: string;
  errors: string;
  tookMs: number;
}

/** Runs the program with a cache of its own, so that neither packages nor memories of the machine count. */
async function runFlags(cache: string, jsrUrl: string, env: Record<string, string> = {}, cwd: URL = ROOT) {
  const startedAt = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-qA", new URL("lib/without_jsr/flags.ts", ROOT).href],
    env: { DENO_DIR: cache, DEPS: "auto", JSR_URL: jsrUrl, NO_COLOR: "1", NO_PROXY: "127.0.0.1", ...env },
    cwd,
  }).output();
  const tookMs = performance.now() - startedAt;
  const text = new TextDecoder();
  return { code, flags: text.decode(stdout), errors: text.decode(stderr), tookMs } satisfies Outcome;
}

async function withCache(use: (cache: string) => Promise<void>): Promise<void> {
  const cache = await Deno.makeTempDir();
  try {
    await use(cache);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** Serves what stands in for JSR, and gives its address. */
function serveJsr(answer: (path: string) => Response | Promise<Response>) {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => answer(new URL(request.url).pathname),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const jsrTargets = Object.values(denoConfig.imports).filter((target) => target.startsWith("jsr:"));

/** Every JSR package of the project, each an empty module. */
async function emptyPackage(path: string): Promise<Response> {
  const source = "export {};\n";
  if (path.endsWith("/mod.ts")) {
    return new Response(source, { headers: { "content-type": "application/typescript" } });
  }
  const [, scope, name, file] = path.split("/");
  const targets = jsrTargets.filter((target) => target.startsWith(`jsr:${scope}/${name}@`));
  const version = targets[0]?.split("@")[2]?.split("/")[0] ?? "";
  if (file === "meta.json") return Response.json({ scope, name, versions: { [version]: {} } });
  const exports = targets.map((
    target,
  ) => [`.${target.slice(`jsr:${scope}/${name}@${version}`.length)}`, "./mod.ts"]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source)));
  const manifest = { "/mod.ts": { size: source.length, checksum: `sha256-${hash.toHex()}` } };
  return Response.json({ exports: Object.fromEntries(exports), manifest });
}

Deno.test("DEPS decides without looking", async () => {
  await withCache(async (cache) => {
    assertEquals((await runFlags(cache, "http://127.0.0.1:1/", { DEPS: "jsr" })).flags, "");
    assertEquals((await runFlags(cache, "http://127.0.0.1:1/", { DEPS: "npm" })).flags, NPM_FLAGS);
  });
});

Deno.test("a DEPS that means nothing stops the task and says so", async () => {
  await withCache(async (cache) => {
    const { code, flags, errors } = await runFlags(cache, "http://127.0.0.1:1/", { DEPS: "maven" });
    assertEquals([code, flags], [1, "--no-such-dependencies\n"]);
    assertEquals(errors, 'Cannot choose dependencies: DEPS must be jsr, npm or auto: received "maven"\n');
  });
});

Deno.test("a JSR that refuses connections gives the npm set, and a line that says so", async () => {
  await withCache(async (cache) => {
    const { flags, errors } = await runFlags(cache, "http://127.0.0.1:1/");
    assertEquals(flags, NPM_FLAGS);
    assertStringIncludes(errors, "JSR is out of reach");
  });
});

Deno.test("a JSR that knows nothing gives the npm set", async () => {
  await using jsr = serveJsr(() => new Response("no", { status: 404 }));
  await withCache(async (cache) => assertEquals((await runFlags(cache, jsr.url)).flags, NPM_FLAGS));
});

Deno.test("a JSR that never answers costs a limited time once, and less after that", async () => {
  // Accepted by the kernel and read by nobody.
  using silence = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${silence.addr.port}/`;
  await withCache(async (cache) => {
    const first = await runFlags(cache, url);
    assertEquals(first.flags, NPM_FLAGS);
    assertLess(first.tookMs, LIMIT_MS);
    const second = await runFlags(cache, url);
    assertEquals(second.flags, NPM_FLAGS);
    assertLess(second.tookMs, first.tookMs - 1000);
  });
});

Deno.test("a JSR that is there gives no flags, and none either when it is gone but cached", async () => {
  await withCache(async (cache) => {
    let url: string;
    {
      await using jsr = serveJsr(emptyPackage);
      url = jsr.url;
      const { flags, errors } = await runFlags(cache, url);
      assertEquals([flags, errors], ["", ""]);
    }
    assertEquals((await runFlags(cache, url)).flags, "");
  });
});

Deno.test("a slow JSR that shows signs of life gives no flags", async () => {
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  await using jsr = serveJsr(async (path) => {
    if (path !== "/@std/assert/meta.json") await end;
    return await emptyPackage(path);
  });
  try {
    await withCache(async (cache) => assertEquals((await runFlags(cache, jsr.url)).flags, ""));
  } finally {
    finish();
  }
});

Deno.test("the flags name the files from wherever the task runs", async () => {
  await withCache(async (cache) => {
    const { flags } = await runFlags(cache, "http://127.0.0.1:1/", { DEPS: "npm" }, new URL("tests/", ROOT));
    assert(flags.startsWith("--import-map=../lib/without_jsr/import_map.json --lock=../lib/"), flags);
  });
});

Deno.test("both sets name the same packages, and the same versions of those from npm", () => {
  const npmOnly = (imports: Record<string, string>) =>
    Object.entries(imports).filter(([, target]) => target.startsWith("npm:"));
  assertEquals(Object.keys(importMap.imports).toSorted(), Object.keys(denoConfig.imports).toSorted());
  assertEquals(npmOnly(importMap.imports), npmOnly(denoConfig.imports));
});

Deno.test("every version is exact, and the npm ones are locked", async () => {
  const lock = JSON.parse(await Deno.readTextFile(new URL("lib/without_jsr/deno.lock", ROOT)));
  for (const target of Object.values(denoConfig.imports)) {
    assert(/^(jsr|npm):@?[^@]+@\d+\.\d+\.\d+(\/|$)/.test(target), target);
    if (target.startsWith("npm:")) assert(target in lock.specifiers, `${target} is not locked`);
  }
});
