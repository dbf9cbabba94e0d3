import { assertEquals } from "@std/assert";
import { People } from "../../lib/chat/people.ts";
import { FakeMember } from "./fakes.ts";

function open() {
  const people = new People();
  const [desk, phone, bob] = [new FakeMember("ann"), new FakeMember("ann"), new FakeMember("bob")];
  for (const visitor of [desk, phone, bob]) people.add(visitor);
  return { people, desk, phone, bob };
}

Deno.test("People counts people, and knows the connections of each", () => {
  const { people, desk, phone, bob } = open();
  assertEquals(people.size, 2);
  assertEquals([...people.of("ann")], [desk, phone]);
  assertEquals([...people.of("bob")], [bob]);
  assertEquals(people.of("eve").size, 0);
});

Deno.test("People forgets a person with their last connection, however often one is taken out", () => {
  const { people, desk, phone } = open();
  people.delete(desk);
  people.delete(desk);
  assertEquals([[...people.of("ann")], people.size], [[phone], 2]);
  people.delete(phone);
  assertEquals([people.of("ann").size, people.size], [0, 1]);
});

Deno.test("People takes a person for online while they look at any of their devices", () => {
  const { people, desk, phone } = open();
  desk.availability = "away";
  assertEquals(people.availability("ann"), "online");
  phone.availability = "away";
  assertEquals(people.availability("ann"), "away");
  assertEquals(people.availability("eve"), undefined);
});

Deno.test("tell() reaches every device of a person, and nobody else", () => {
  const { people, desk, phone, bob } = open();
  people.tell("ann", "for Ann");
  people.tell("eve", "for nobody");
  assertEquals([desk.frames, phone.frames, bob.frames], [["for Ann"], ["for Ann"], []]);
});
