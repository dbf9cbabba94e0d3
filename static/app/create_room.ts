import type { Visibility } from "../sdk/mod.ts";
import type { Desk } from "./desk.ts";
import { actionForm, labelled, openDialog } from "./dialogs.ts";
import { element } from "./dom.ts";
import { words } from "./i18n.ts";

const MAX_NAME = 128;
const MAX_PASSWORD = 256;

/** Opens the form that makes a room. */
export function openCreateRoom(desk: Desk, suggested = ""): void {
  const { newRoom, roomName, create, password, passwordHint, whoMaySee } = words();
  const name = element("input", {
    required: true,
    maxlength: MAX_NAME,
    autocomplete: "off",
    value: suggested,
  });
  const visibility = visibilityPicker("public");
  const secret = passwordField();
  const form = actionForm(
    [
      labelled(roomName, name),
      labelled(whoMaySee, visibility),
      labelled(password, secret, passwordHint),
    ],
    create,
    async () => {
      const roomId = name.value.trim();
      await desk.client.create({
        roomId,
        visibility: visibility.value as Visibility,
        ...(secret.value === "" ? {} : { password: secret.value }),
      });
      dialog.close();
      desk.refresh();
      desk.open(roomId);
    },
  );
  const dialog = openDialog(newRoom.replace("…", ""), [form]);
  name.focus();
}

/** A choice of who may see a room. */
export function visibilityPicker(current: Visibility): HTMLSelectElement {
  const { visibilities } = words();
  const option = (value: Visibility) =>
    element("option", { value, selected: value === current }, visibilities[value]);
  return element("select", { class: "field" }, option("public"), option("private"));
}

/** A field for a room's password, which browsers should not take for one's own. */
export function passwordField(): HTMLInputElement {
  return element("input", { type: "password", maxlength: MAX_PASSWORD, autocomplete: "new-password" });
}
