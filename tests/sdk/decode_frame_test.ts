import { assertEquals } from "@std/assert";
import { decodeFrame } from "../../static/sdk/decode_frame.ts";
import type { ServerMessage } from "../../static/sdk/types.ts";
import { connected, testClient } from "./support/test_client.ts";

function decode(frame: string): unknown[] {
  const messages: ServerMessage[] = [];
  decodeFrame(frame, (message) => messages.push(message));
  return messages;
}

Deno.test("decodeFrame() reads one object, or several separated by line ends", () => {
  assertEquals(decode('{"type":"pong","timestamp":1}'), [{ type: "pong", timestamp: 1 }]);
  assertEquals(decode('{"type":"a"}\n{"type":"b"}\n{"type":"c"}'), [{ type: "a" }, { type: "b" }, {
    type: "c",
  }]);
});

Deno.test("decodeFrame() leaves line ends inside texts alone", () => {
  assertEquals(decode('{"type":"a","content":"one\\ntwo"}\n{"type":"b"}'), [
    { type: "a", content: "one\ntwo" },
    { type: "b" },
  ]);
});

Deno.test("decodeFrame() leaves out what is no message and goes on", () => {
  assertEquals(decode('{"type":"a"}\n\n{broken\n[1]\nnull\n"text"\n{"type":7}\n{"type":"b"}\n'), [
    { type: "a" },
    { type: "b" },
  ]);
});

Deno.test("A client hears every object of a frame, in order", async () => {
  using test = testClient();
  const socket = await connected(test);
  const heard: string[] = [];
  test.client.addEventListener("message", (event) => heard.push(event.detail.type));
  socket.receive(
    { type: "presence", userId: "g", username: "G", status: "online" },
    { type: "notification", title: "t", body: "b" },
    { type: "event", event: "e", data: null },
  );
  assertEquals(heard, ["presence", "notification", "event"]);
});

Deno.test("A client closed in the middle of a frame hears no more of it", async () => {
  using test = testClient();
  const socket = await connected(test);
  const heard: string[] = [];
  test.client.addEventListener("message", (event) => {
    heard.push(event.detail.type);
    test.client.close();
  });
  socket.receive({ type: "notification", title: "t", body: "b" }, { type: "event", event: "e", data: null });
  assertEquals(heard, ["notification"]);
});
