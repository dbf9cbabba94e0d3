import { assert, assertEquals, assertFalse } from "@std/assert";
import { checkHandshake, wantsUpgrade } from "../../lib/http/handshake.ts";

const GOOD = {
  host: "localhost",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function ask(changes: Record<string, string | undefined> = {}, method = "GET"): Response | undefined {
  const fields = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== undefined);
  return checkHandshake(
    new Request("http://localhost/ws", { method, headers: fields as [string, string][] }),
  );
}

Deno.test("wantsUpgrade() finds the protocol in a list, in any case", () => {
  for (const upgrade of ["websocket", "WebSocket", "h2c, websocket", "websocket,h2c"]) {
    assert(wantsUpgrade(new Headers({ upgrade })), upgrade);
  }
  for (const upgrade of ["", "h2c", "websockets", "websocket/1"]) {
    assertFalse(wantsUpgrade(new Headers({ upgrade })));
  }
  assertFalse(wantsUpgrade(new Headers()));
});

Deno.test("checkHandshake() lets a good handshake pass", () => {
  assertEquals(ask(), undefined);
  for (const connection of ["upgrade", "keep-alive, Upgrade", "UPGRADE,close"]) {
    assertEquals(ask({ connection }), undefined);
  }
});

Deno.test("checkHandshake() asks for version 13 with 426, and says so in a header", () => {
  for (const version of [undefined, "12", "8", "13, 8", "013", "thirteen"]) {
    const refusal = ask({ "sec-websocket-version": version });
    assertEquals([refusal?.status, refusal?.headers.get("sec-websocket-version")], [426, "13"], version);
  }
});

Deno.test("checkHandshake() refuses a key that is not 16 bytes in base64", () => {
  const keys = [
    undefined,
    "",
    "short",
    "dGhlIHNhbXBsZSBub25jZQ",
    "dGhlIHNhbXBsZSBub25jZR==",
    "dGhlIHNhbXBsZSBub25jZTEyMw==",
    "dGhlIHNhbXBsZSBub2 jZQ==",
    "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
  ];
  for (const key of keys) assertEquals(ask({ "sec-websocket-key": key })?.status, 400, key);
});

Deno.test("checkHandshake() refuses what is no request to upgrade, whatever else it holds", () => {
  for (const connection of [undefined, "keep-alive", "Upgrade2"]) {
    assertEquals(ask({ connection })?.status, 400);
  }
  const post = ask({}, "POST");
  assertEquals([post?.status, post?.headers.get("allow")], [405, "GET"]);
});
