import { assert, assertEquals } from "@std/assert";
import { shortenPrivateNames } from "../../lib/http/private_names.ts";

const CLASSES = `
class Counter {
static #made = 0;
#count = 1;
#next;
constructor(next) {
this.#next = next;
Counter.#made++;
}
get #double() {
return this.#count * 2;
}
set #double(value) {
this.#count = value / 2;
}
static #of(count) {
const counter = new Counter();
counter.#double = count * 2;
return counter;
}
async #later() {
return await this.#next?.#count;
}
*#each() {
yield* [this.#count, this.#double];
}
async *#slowly() {
yield this.#count;
}
static isOne(value) {
return #count in value;
}
async tell() {
const slow = [];
for await (const value of this.#slowly()) slow.push(value);
return [...this.#each(), ...slow, await this.#later(), Counter.#made];
}
static make(count) {
return new Counter(Counter.#of(count));
}
}
class Other {
  #count = "see #count, #next and a.#none";
  get count() {
    return this.#count;
  }
}
return [await Counter.make(7).tell(), Counter.isOne(new Counter()), Counter.isOne({}), new Other().count];
`;

function run(script: string): Promise<unknown> {
  return new Function(`return (async () => {${script}})();`)();
}

Deno.test("shortenPrivateNames() changes nothing that a script does, nor what it says", async () => {
  const shortened = shortenPrivateNames(CLASSES);
  assertEquals(await run(shortened), await run(CLASSES));
  assert(!/#(made|double|later|each|slowly|of)\b/.test(shortened), shortened);
});

Deno.test("shortenPrivateNames() keeps names apart, however many there are", () => {
  const fields = Array.from({ length: 800 }, (_, i) => `#field_${i} = ${i};`);
  const shortened = shortenPrivateNames(`class Many {\n${fields.join("\n")}\n}`);
  const names = [...shortened.matchAll(/#(\w+) =/g)].map(([, name]) => name);
  assertEquals(new Set(names).size, 800);
  assert(names.every((name) => name.length <= 3));
});
