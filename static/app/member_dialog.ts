import type { MemberInfo, Moderation } from "../sdk/mod.ts";
import type { Desk } from "./desk.ts";
import { actionForm, labelled, openDialog } from "./dialogs.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { powersOver } from "./powers.ts";
import type { RoomMemory } from "./room_memory.ts";
import { durationName, isMuted, muteText, statusText } from "./time_words.ts";

/** What is asked about before it is done. */
type Asked = "mute" | "ban" | "kick";

const CHOICES_SECONDS = [10 * 60, 60 * 60, 24 * 60 * 60, 7 * 24 * 60 * 60];
const REASON_CHARACTERS = 200;

/** Opens what can be done with somebody in a room: write to them, and what one's role allows. */
export function openMember(desk: Desk, memory: RoomMemory, member: MemberInfo): void {
  const { client, me } = desk;
  const { room } = memory;
  const isMe = member.userId === me.userId;
  const now = Date.now();
  const may = isMe ? [] : powersOver(member.role, room, client.welcome?.role)
    .filter((action) => action !== (isMuted(member, now) ? "mute" : "unmute"));
  const body = element("div", { class: "actions" });
  const dialog = openDialog(member.username, [
    element(
      "p",
      { class: "hint" },
      [
        statusText(member),
        words().roles[member.role] ?? member.role,
        ...isMuted(member, now) ? [muteText(member, now)] : [],
      ].join(" · "),
    ),
    body,
  ]);
  const button = (label: string, click: () => void, kind = "") =>
    element("button", { type: "button", class: kind, on: { click } }, label);
  const act = async (action: Moderation, options?: { seconds?: number; reason?: string }) => {
    await client.moderate(room.roomId, action, member.userId, options);
    dialog.close();
  };
  const ask = (action: Asked) => {
    const form = moderationForm(action, member.username, (options) => act(action, options));
    fill(body, form);
    form.querySelector<HTMLElement>("select, input")?.focus();
  };
  const run = (action: Moderation) => {
    if (action === "mute" || action === "ban" || action === "kick") return ask(action);
    act(action).catch((error) => {
      dialog.close();
      desk.fail(error);
    });
  };
  const talk = () => {
    dialog.close();
    desk.talkTo(member);
  };
  fill(
    body,
    !isMe && !room.isDirect && button(words().writeTo, talk, "primary"),
    ...may.map((action) =>
      button(words().moderate[action], () => run(action), action === "ban" ? "danger" : "")
    ),
  );
}

function moderationForm(
  action: Asked,
  name: string,
  act: (options: { seconds?: number; reason?: string }) => Promise<void>,
): HTMLFormElement {
  const { howLong, reason: reasonLabel, reasonHint, sure, moderate } = words();
  const duration = action === "kick" ? undefined : durationPicker();
  const reason = element("input", { maxlength: REASON_CHARACTERS, autocomplete: "off" });
  return actionForm(
    [
      element("p", {}, sure[action](name)),
      duration && labelled(howLong, duration),
      labelled(reasonLabel, reason, reasonHint),
    ],
    moderate[action].replace("…", ""),
    () =>
      act({
        ...(duration?.value ? { seconds: Number(duration.value) } : {}),
        ...(reason.value.trim() ? { reason: reason.value.trim() } : {}),
      }),
  );
}

/** A choice of how long something lasts; the empty value is for good. */
function durationPicker(): HTMLSelectElement {
  const choices = CHOICES_SECONDS.map((seconds) =>
    element("option", { value: seconds }, durationName(seconds))
  );
  return element("select", { class: "field" }, ...choices, element("option", { value: "" }, words().forGood));
}
