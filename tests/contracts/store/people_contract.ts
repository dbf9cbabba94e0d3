import { assertEquals } from "@std/assert";
import type { Test } from "./bench.ts";

/** What a store promises of people. */
export function testPeople(test: Test): void {
  test("putPerson() remembers a name and a time, the last ones it was given", async ({ store }) => {
    assertEquals(await store.person("ann"), undefined);
    await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 0 });
    assertEquals(await store.person("ann"), { userId: "ann", username: "Ann", lastSeen: 0 });
    await store.putPerson({ userId: "ann", username: "Anne", lastSeen: 5 });
    await store.putPerson({ userId: "ann", username: "Anne", lastSeen: 5 });
    assertEquals(await store.person("ann"), { userId: "ann", username: "Anne", lastSeen: 5 });
    assertEquals(await store.peopleNamed("Ann", 10), []);
  });

  test("peopleNamed() finds those of a name, byte for byte, and no more than asked for", async ({ store }) => {
    for (
      const [userId, username] of [["1", "Ann"], ["2", "ann"], ["3", "Ann"], ["4", "上海"], ["5", "Ann"]]
    ) {
      await store.putPerson({ userId, username, lastSeen: 1 });
    }
    const named = async (username: string, limit: number) =>
      (await store.peopleNamed(username, limit)).map(({ userId }) => userId);
    assertEquals(await named("Ann", 10), ["1", "3", "5"]);
    assertEquals((await named("Ann", 2)).length, 2);
    assertEquals(await named("上海", 2), ["4"]);
    assertEquals(await named("%", 2), []);
    await store.putPerson({ userId: "3", username: "Bob", lastSeen: 1 });
    assertEquals(await named("Ann", 10), ["1", "5"]);
  });
}
