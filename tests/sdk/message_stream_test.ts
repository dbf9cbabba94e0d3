import { assertEquals, assertRejects } from "@std/assert";
import { MessageStream } from "../../static/sdk/message_stream.ts";
import { ParleyError } from "../../static/sdk/errors.ts";

Deno.test("MessageStream gives what came before and what comes after it is asked", async () => {
  const stream = new MessageStream<number>(() => {});
  stream.push(1);
  const [first, second] = [stream.next(), stream.next()];
  stream.push(2);
  assertEquals([await first, await second], [{ value: 1, done: false }, { value: 2, done: false }]);
});

Deno.test("MessageStream keeps the order over thousands of items", async () => {
  const stream = new MessageStream<number>(() => {});
  for (let n = 0; n < 5_000; n++) stream.push(n);
  stream.end();
  const items: number[] = [];
  for await (const item of stream) items.push(item);
  assertEquals(items, Array.from({ length: 5_000 }, (_, n) => n));
});

Deno.test("MessageStream takes nothing more once its loop is left", async () => {
  let ended = 0;
  const stream = new MessageStream<number>(() => ended++);
  stream.push(1);
  for await (const _ of stream) break;
  stream.push(2);
  assertEquals([ended, await stream.next()], [1, { value: undefined, done: true }]);
});

Deno.test("MessageStream ends with an error when its loop is too slow", async () => {
  const stream = new MessageStream<number>(() => {});
  for (let n = 0; n <= 100_001; n++) stream.push(n);
  const loop = async () => {
    for await (const _ of stream);
  };
  assertEquals((await assertRejects(loop, ParleyError)).code, "fell_behind");
});
