import { type BannedInfo, ParleyError, type RoomChanges, type Visibility } from "../sdk/mod.ts";
import { passwordField, visibilityPicker } from "./create_room.ts";
import type { Desk } from "./desk.ts";
import { actionForm, labelled, openDialog, problemText } from "./dialogs.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import type { People, Person } from "./people.ts";
import type { RoomMemory } from "./room_memory.ts";
import { shortMoment } from "./time_words.ts";

let fieldCount = 0;
const MAX_NAME = 128;

/** Opens what the people who run a room can change: its name, who may come in, and whom it is closed to. */
export function openRoomSettings(desk: Desk, memory: RoomMemory): void {
  const { room } = memory;
  const said = element("p", { class: "hint", role: "status" });
  const tell = (text: string) => fill(said, text);
  openDialog(words().roomSettings(room.roomName), [
    said,
    section(words().nameAndAccess, accessForm(desk, memory, tell)),
    section(words().inviteSomebody, inviteForm(desk, memory, tell)),
    section(words().banned, bannedList(desk, memory, tell)),
  ]);
}

function section(title: string, ...body: HTMLElement[]): HTMLElement {
  return element("section", {}, element("h3", {}, title), ...body);
}

function accessForm({ client, infoOf, refresh }: Desk, { room }: RoomMemory, tell: (text: string) => void) {
  const { roomName, whoMaySee, password, save, saved, newPassword, removePassword, passwordHint } = words();
  const info = infoOf(room.roomId);
  const isProtected = info?.protected ?? false;
  const name = element("input", {
    required: true,
    maxlength: MAX_NAME,
    autocomplete: "off",
    value: room.roomName,
  });
  const visibility = visibilityPicker(info?.visibility ?? "public");
  const secret = passwordField();
  const remove = element("input", { type: "checkbox", id: "remove-password" });
  return actionForm(
    [
      labelled(roomName, name),
      labelled(whoMaySee, visibility),
      labelled(isProtected ? newPassword : password, secret, passwordHint),
      isProtected && element("label", { class: "check", for: remove.id }, remove, removePassword),
    ],
    save,
    async () => {
      const changes: RoomChanges = {};
      if (name.value.trim() !== room.roomName) changes.roomName = name.value.trim();
      if (visibility.value !== info?.visibility) changes.visibility = visibility.value as Visibility;
      if (remove.checked) changes.password = null;
      else if (secret.value !== "") changes.password = secret.value;
      if (Object.keys(changes).length > 0) await client.update(room.roomId, changes);
      secret.value = "";
      tell(saved);
      refresh();
    },
  );
}

function inviteForm({ client, people }: Desk, { room }: RoomMemory, tell: (text: string) => void) {
  const { person, personHint, invite, invited } = words();
  const field = pickPerson(people);
  return actionForm([labelled(person, field.input, personHint), field.choices], invite, async () => {
    const { userId, username } = field.chosen();
    await client.invite(room.roomId, userId);
    field.input.value = "";
    tell(invited(username));
  });
}

/** Who is banned, and a field for somebody whom this page does not know. */
function bannedList(
  { client, people }: Desk,
  { room }: RoomMemory,
  tell: (text: string) => void,
): HTMLElement {
  const { person, personHint, moderate, unbanned, nobodyBanned, until: untilThen } = words();
  const lift = async (userId: string, username: string) => {
    await client.moderate(room.roomId, "unban", userId);
    tell(unbanned(username));
  };
  const entry = ({ userId, username, until }: BannedInfo) => {
    const click = () => void lift(userId, username).catch((error) => tell(problemText(error)));
    return element(
      "li",
      {},
      element(
        "span",
        {},
        element("span", { dir: "auto" }, username),
        until !== undefined && element("small", {}, untilThen(shortMoment(until, Date.now()))),
      ),
      element("button", { type: "button", on: { click } }, moderate.unban),
    );
  };
  const list = element("ul", { class: "banned" });
  const draw = () => {
    const { banned = [] } = room;
    fill(list, ...banned.map(entry), banned.length === 0 && element("li", { class: "hint" }, nobodyBanned));
  };
  const follow = () => {
    if (list.isConnected) draw();
    else room.removeEventListener("members", follow);
  };
  draw();
  room.listMembers().then(draw, () => {}).then(() => room.addEventListener("members", follow));
  const field = pickPerson(people);
  const form = actionForm(
    [labelled(person, field.input, personHint), field.choices],
    moderate.unban,
    async () => {
      const { userId, username } = field.chosen();
      await lift(userId, username);
      field.input.value = "";
    },
  );
  return element("div", { class: "stack" }, list, form);
}

/** A field for a person: a name this page knows, or a user id. `chosen` throws if the name is not one person's. */
function pickPerson(people: People): {
  input: HTMLInputElement;
  choices: HTMLElement;
  chosen: () => Person;
} {
  const id = `people-${++fieldCount}`;
  const input = element("input", { required: true, autocomplete: "off", list: id, maxlength: 128 });
  const options = people.all().map(({ userId, username }) => element("option", { value: username }, userId));
  const chosen = () => {
    const typed = input.value.trim();
    const found = people.find(typed);
    if (found.length > 1) throw new ParleyError("several", words().severalPeople);
    return found[0] ?? { userId: typed, username: typed };
  };
  return { input, choices: element("datalist", { id }, ...options), chosen };
}
