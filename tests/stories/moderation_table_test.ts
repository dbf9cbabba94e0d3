import { assertEquals } from "@std/assert";
import { Company } from "../support/company.ts";
import type { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

/** Everybody who may try something: the roles in a room, and those without one. */
const ROLES = ["root", "owner", "admin", "member", "muted", "stranger", "banned"] as const;
type Role = (typeof ROLES)[number];

const OK = "ok";
const NO = "forbidden";
const OUT = "not_a_member";
const NONE = "room_not_found";

const say = { type: "chat", content: "x" };
const typing = { type: "typing", isTyping: true };
const history = { type: "history" };
const members = { type: "members" };
const search = { type: "search", query: "word" };
const receipt = { type: "receipt", seq: 1, status: "read" };
const join = { type: "join" };
const leave = { type: "leave" };
const rename = { type: "update", roomName: "New" };
const hide = { type: "update", visibility: "private" };
const lock = { type: "update", password: "x" };
const invite = { type: "invite", userId: "guest" };
function moderate(action: string, userId: string): object {
  return { type: "moderate", action, userId };
}

/**
 * What comes of every operation, in a public room, for `ROLES` in their order. `root` administers the server and belongs
 * to no room; `m` and `a` are another member and another admin, and `x` is banned like `banned`.
 */
// deno-fmt-ignore
const IN_PUBLIC: [object, ...string[]][] = [
  //                              root owner admin membr muted strgr bannd
  [join,                          OK,   OK,   OK,   OK,   OK,   OK,   NO],
  [leave,                         OK,   OK,   OK,   OK,   OK,   OK,   OK],
  [say,                          OUT,   OK,   OK,   OK,   NO,  OUT,   NO],
  [typing,                       OUT,   OK,   OK,   OK,   NO,  OUT,   NO],
  [history,                      OUT,   OK,   OK,   OK,   OK,  OUT,   NO],
  [members,                      OUT,   OK,   OK,   OK,   OK,  OUT,   NO],
  [search,                       OUT,   OK,   OK,   OK,   OK,  OUT,   NO],
  [receipt,                      OUT,   OK,   OK,   OK,   OK,  OUT,   NO],
  [rename,                        OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [hide,                          OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [lock,                          OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [invite,                        OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("kick", "m"),         OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("ban", "m"),          OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("unban", "x"),        OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("mute", "m"),         OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("unmute", "m"),       OK,   OK,   OK,   NO,   NO,   NO,   NO],
  [moderate("promote", "m"),      OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("demote", "m"),       OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("kick", "a"),         OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("ban", "a"),          OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("mute", "a"),         OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("unmute", "a"),       OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("demote", "a"),       OK,   OK,   NO,   NO,   NO,   NO,   NO],
  [moderate("kick", "owner"),     OK,   NO,   NO,   NO,   NO,   NO,   NO],
  [moderate("ban", "owner"),      OK,   NO,   NO,   NO,   NO,   NO,   NO],
  [moderate("mute", "owner"),     OK,   NO,   NO,   NO,   NO,   NO,   NO],
  [moderate("demote", "owner"),   OK,   NO,   NO,   NO,   NO,   NO,   NO],
];

/** Where a private room answers otherwise: those who do not belong find none, but for who was shown the door. */
function inPrivate(role: Role, inPublic: string): string {
  return role === "stranger" ? NONE : inPublic;
}

/** People in a room of their own, each in the role by whose name they go, and one of each for a target. */
async function furnish(people: Record<string, Peer>, roomId: string, visibility: string): Promise<void> {
  const { owner, guest: _, ...others } = people;
  await owner.ask({ type: "create", roomId, visibility });
  await owner.ask({ type: "join", roomId });
  for (const userId of ["admin", "member", "muted", "banned", "m", "a", "x"]) {
    if (visibility === "private") await owner.ask({ type: "invite", roomId, userId });
    await others[userId].ask({ type: "join", roomId });
  }
  for (const userId of ["admin", "a"]) await owner.ask({ ...moderate("promote", userId), roomId });
  for (const userId of ["banned", "x"]) await owner.ask({ ...moderate("ban", userId), roomId });
  await owner.ask({ ...moderate("mute", "muted"), roomId });
  await owner.ask({ ...say, content: "word", roomId });
}

for (const visibility of ["public", "private"] as const) {
  Deno.test(`every operation of everybody in a ${visibility} room comes out as the table says`, async (t) => {
    await using server = await TestServer.start({ MAX_ROOMS_PER_CONNECTION: "10000" });
    await using company = new Company(server);
    const people: Record<string, Peer> = {};
    for (const name of [...ROLES, "m", "a", "x", "guest"]) {
      people[name] = await company.connect(name, name === "root" ? { role: "admin" } : {});
    }
    let count = 0;
    for (const [operation, ...outcomes] of IN_PUBLIC) {
      await t.step(JSON.stringify(operation), async () => {
        for (const [i, role] of ROLES.entries()) {
          const roomId = `room ${count++}`;
          await furnish(people, roomId, visibility);
          const { type, code } = await people[role].ask({ ...operation, roomId });
          const outcome = type === "error" ? code : OK;
          const expected = visibility === "public" ? outcomes[i] : inPrivate(role, outcomes[i]);
          assertEquals(outcome, expected, `${role}: ${JSON.stringify(operation)}`);
        }
      });
    }
  });
}
