import { assert, assertEquals, assertFalse } from "@std/assert";
import { isLoopbackName, Origins } from "../../lib/http/origins.ts";

function asking(origin: string | undefined, host = "chat.example"): Headers {
  return new Headers(origin === undefined ? { host } : { host, origin });
}

Deno.test("Origins lets a request without an origin pass: it is not a page's", () => {
  for (const allowed of [[], ["https://chat.example"]]) {
    assert(new Origins(allowed, false).allows(asking(undefined)));
    assert(new Origins(allowed, true).allows(asking(undefined, "evil.example")));
  }
});

Deno.test("Origins lets the server's own pages in unless others are named", () => {
  const origins = new Origins([], false);
  const own: [origin: string, host: string][] = [
    ["https://chat.example", "chat.example"],
    ["http://chat.example", "chat.example"],
    ["https://chat.example", "Chat.Example"],
    ["http://chat.example:8080", "chat.example:8080"],
    ["http://192.0.2.1:8080", "192.0.2.1:8080"],
    ["http://[2001:db8::1]:8080", "[2001:db8::1]:8080"],
  ];
  for (const [origin, host] of own) assert(origins.allows(asking(origin, host)), origin);
});

Deno.test("Origins turns away the pages of others", () => {
  const origins = new Origins([], false);
  const others = [
    "https://evil.example",
    "https://chat.example.evil.example",
    "https://evilchat.example",
    "https://chat.example:8443",
    "https://chat.example@evil.example",
    "null",
    "",
    "chat.example",
    "file://chat.example",
    "chrome-extension://chat.example",
  ];
  for (const origin of others) assertFalse(origins.allows(asking(origin)), origin);
  assertFalse(origins.allows(new Headers({ origin: "https://chat.example" })), "no host at all");
});

Deno.test("Origins lets in exactly those that are named, and no longer its own", () => {
  const origins = new Origins(["https://app.example", "null"], false);
  for (const origin of ["https://app.example", "null"]) assert(origins.allows(asking(origin)));
  for (const origin of ["http://app.example", "https://app.example:444", "https://chat.example"]) {
    assertFalse(origins.allows(asking(origin)), origin);
  }
  assert(new Origins(["*"], false).allows(asking("https://anybody.example")));
});

Deno.test("Origins lets only names of this machine in where only this machine is served", () => {
  const origins = new Origins([], true);
  for (const host of ["localhost:8080", "app.localhost:8080", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"]) {
    assert(origins.allows(asking(`http://${host}`, host)), host);
  }
  // The name of somebody else's page, made to point here.
  for (const host of ["evil.example:8080", "localhost.evil.example", "192.0.2.1:8080"]) {
    assertFalse(origins.allows(asking(`http://${host}`, host)), host);
  }
});

Deno.test("isLoopbackName() knows what always means this machine", () => {
  const names = ["localhost", "a.localhost", "127.0.0.1", "127.255.255.254", "::1", "[::1]"];
  assertEquals(names.filter((name) => !isLoopbackName(name)), []);
  const others = [
    "0.0.0.0",
    "::",
    "",
    "localhost.example",
    "127.0.0.1.example",
    "128.0.0.1",
    "1127.0.0.1",
    "mylocalhost",
  ];
  assertEquals(others.filter(isLoopbackName), []);
});
