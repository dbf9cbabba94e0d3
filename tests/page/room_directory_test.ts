import { assertEquals } from "@std/assert";
import { People } from "../../static/app/people.ts";
import { RoomDirectory } from "../../static/app/room_directory.ts";
import type { ParleyClient, RoomSummary, Welcome } from "../../static/sdk/mod.ts";

class FakeRoom extends EventTarget {
  readonly roomName: string;
  readonly epoch = "e1";
  readonly messages = [];
  readonly outgoing = [];
  readonly read = 0;
  readonly seq = 0;

  constructor(readonly roomId: string) {
    super();
    this.roomName = roomId;
  }

  markDelivered(): void {}
}

/** A connection of somebody with rooms, which lets them into each, and what it was asked to join. */
function connect(rooms: RoomSummary[], roomsPerConnection: number) {
  const welcome = { userId: "me", limits: { roomsPerConnection }, rooms } as unknown as Welcome;
  const asked: string[] = [];
  const join = (roomId: string) => {
    asked.push(roomId);
    return Promise.resolve(new FakeRoom(roomId));
  };
  const client = { welcome, join } as unknown as ParleyClient;
  const directory = new RoomDirectory(client, new People(), () => false);
  directory.takeWelcome(welcome);
  return { directory, asked };
}

function room(roomId: string, unread = 0): RoomSummary {
  return { roomId, roomName: roomId, seq: unread, epoch: "e1", read: 0, unread };
}

const many = Array.from({ length: 40 }, (_, i) => room(`r${i + 1}`));

Deno.test("joinTheRest() joins as many rooms as the server lets a connection have, less a few to open", async () => {
  const { directory, asked } = connect(many, 38);
  await directory.open("another");
  await directory.joinTheRest();
  assertEquals(asked, ["another", ...many.slice(0, 29).map(({ roomId }) => roomId)]);
  await directory.joinTheRest();
  assertEquals(asked.length, 30);
});

Deno.test("joinTheRest() joins nothing where a connection may have only a few rooms", async () => {
  const { directory, asked } = connect(many, 5);
  await directory.joinTheRest();
  assertEquals(asked, []);
});

Deno.test("joinTheRest() begins with the rooms in which most was written", async () => {
  const { directory, asked } = connect([room("quiet"), room("some", 2), room("still"), room("busy", 9)], 128);
  await directory.joinTheRest();
  assertEquals(asked, ["busy", "some", "quiet", "still"]);
});

Deno.test("takeWelcome() forgets the rooms that the server knows nothing of any more", () => {
  const { directory } = connect([room("gone", 3), room("kept", 2)], 128);
  directory.takeWelcome({ rooms: [room("kept", 1)] } as unknown as Welcome);
  assertEquals(directory.entries().map(({ roomId }) => roomId), ["kept"]);
  assertEquals(directory.totalUnread, 1);
});
