import { assertEquals } from "@std/assert";
import { readBearer, readCredentials } from "../../lib/http/credentials.ts";

function read(headers: Record<string, string>, query = "") {
  return readCredentials(new Headers(headers), new URL(`http://localhost/ws${query}`));
}

Deno.test("readCredentials() finds the token wherever it may stand", () => {
  const protocols = (list: string) => ({ "sec-websocket-protocol": list });
  assertEquals(read(protocols("parley.v1, bearer.a.b.c")), { token: "a.b.c", speaksParley: true });
  assertEquals(read({ authorization: "Bearer a.b.c" }), { token: "a.b.c", speaksParley: false });
  assertEquals(read({}, "?token=a.b.c&room=general"), { token: "a.b.c", speaksParley: false });
  assertEquals(read({}), { token: undefined, speaksParley: false });
});

Deno.test("readCredentials() reads lists of subprotocols with or without blanks, in any order", () => {
  for (
    const list of [
      "parley.v1,bearer.t",
      "bearer.t,parley.v1",
      "\tbearer.t ,  other,parley.v1 ",
      ",,parley.v1,,bearer.t,",
    ]
  ) {
    assertEquals(read({ "sec-websocket-protocol": list }), { token: "t", speaksParley: true }, list);
  }
  for (const list of ["parley.v2", "Parley.V1", "xparley.v1", "parley.v1x", "parley.v1;bearer.t"]) {
    assertEquals(read({ "sec-websocket-protocol": list }), { token: undefined, speaksParley: false }, list);
  }
});

Deno.test("readCredentials() takes the same token twice for one, and two different ones for a conflict", () => {
  const own = { "sec-websocket-protocol": "parley.v1, bearer.t", authorization: "Bearer t" };
  assertEquals(read(own, "?token=t").token, "t");
  assertEquals(read(own, "?token=other").token, "conflict");
  assertEquals(
    read({ authorization: "Bearer other", "sec-websocket-protocol": "bearer.t" }).token,
    "conflict",
  );
  assertEquals(read({}, "?token=t&token=other").token, "conflict");
  assertEquals(read({ "sec-websocket-protocol": "bearer.t, bearer.other" }).token, "conflict");
  assertEquals(read({}, "?token=conflict").token, "conflict");
});

Deno.test("readCredentials() takes an empty token for none", () => {
  assertEquals(
    read({ "sec-websocket-protocol": "bearer.", authorization: "Bearer " }, "?token=").token,
    undefined,
  );
  assertEquals(read({ "sec-websocket-protocol": "bearer." }, "?token=t").token, "t");
});

Deno.test("readBearer() reads the Bearer scheme in any case, and no other", () => {
  for (const text of ["Bearer t", "bearer t", "BEARER   t "]) {
    assertEquals(readBearer(new Headers({ authorization: text })), "t", text);
  }
  for (const text of ["Basic t", "Bearer", "Bearer a b", "t", "XBearer t"]) {
    assertEquals(readBearer(new Headers({ authorization: text })), undefined, text);
  }
});
