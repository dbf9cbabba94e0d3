import { assert, assertEquals, assertFalse, assertInstanceOf } from "@std/assert";
import { z } from "zod";
import { mayBeJson, readBody } from "../../lib/http/body.ts";
import { text } from "../../lib/protocol/fields.ts";
import { Refusal } from "../../lib/protocol/codes.ts";

const SCHEMA = z.object(
  { name: text(8), place: z.object({ room: text(8) }).optional() },
  "must be an object",
);
const JSON_TYPE = { "content-type": "application/json" };

function post(body: BodyInit | null, headers: Record<string, string> = JSON_TYPE) {
  return readBody(new Request("http://localhost/", { method: "POST", body, headers }), SCHEMA, 100);
}

async function refused(body: BodyInit | null, headers?: Record<string, string>): Promise<[string, string]> {
  const refusal = await post(body, headers);
  assertInstanceOf(refusal, Refusal);
  return [refusal.code, refusal.message];
}

function inChunks(...chunks: Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

Deno.test("readBody() reads what the schema asks for, and leaves out the rest", async () => {
  assertEquals(await post('{"name":"Ann","more":1}'), { name: "Ann" });
  assertEquals(await post('{"name":"Ann"}', { "content-type": "Application/JSON; charset=utf-8" }), {
    name: "Ann",
  });
});

Deno.test("mayBeJson() tells a body that is called JSON, or was given no name, from one that is called something else", () => {
  const called = (type: string) =>
    mayBeJson(new Request("http://localhost/", { method: "POST", headers: { "content-type": type } }));
  for (
    const type of ["application/json", "Application/JSON; charset=utf-8", "text/plain;charset=UTF-8", ""]
  ) {
    assert(called(type), type);
  }
  for (const type of ["application/jsonp", "text/html", "multipart/form-data; boundary=x"]) {
    assertFalse(called(type), type);
  }
});

Deno.test("readBody() refuses what is not JSON, and says which field is wrong", async () => {
  assertEquals(await refused("{"), ["invalid_json", "Invalid JSON"]);
  assertEquals(await refused(null), ["invalid_json", "Invalid JSON"]);
  assertEquals(await refused("{}"), ["bad_request", "name required"]);
  assertEquals(await refused('{"name":""}'), ["bad_request", "name must not be empty"]);
  assertEquals(await refused('{"name":5}'), ["bad_request", "name must be a string"]);
  assertEquals(await refused('{"name":"Ann","place":{}}'), ["bad_request", "place.room required"]);
  for (const body of ["null", "[]", '"Ann"', "5"]) {
    assertEquals(await refused(body), ["bad_request", "body must be an object"]);
  }
});

Deno.test("readBody() reads no more than it may, with and without a length that says so", async () => {
  const long = JSON.stringify({ name: "Ann", padding: "x".repeat(100) });
  assertEquals(await refused(long), ["too_large", "Message too large"]);
  const bytes = new TextEncoder().encode(long);
  let read = 0;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes.slice(0, ++read && 60)),
  });
  assertEquals(await refused(endless), ["too_large", "Message too large"]);
  assertEquals(read < 10, true);
});

Deno.test("readBody() puts characters together that arrive in pieces", async () => {
  const bytes = new TextEncoder().encode('{"name":"上海🦜"}');
  const single = Array.from(bytes, (_, i) => bytes.slice(i, i + 1));
  assertEquals(await post(inChunks(...single)), { name: "上海🦜" });
});

Deno.test("readBody() refuses bytes that are no UTF-8, and bodies that break off", async () => {
  const bytes = new TextEncoder().encode('{"name":"上"}');
  for (const broken of [new Uint8Array([0x22, 0xff, 0x22]), bytes.slice(0, 10)]) {
    assertEquals((await refused(inChunks(broken)))[0], "bad_request");
  }
  const failing = new ReadableStream({ pull: () => Promise.reject(new Error("the peer is gone")) });
  assertEquals((await refused(failing))[0], "bad_request");
});
