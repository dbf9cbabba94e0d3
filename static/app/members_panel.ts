import type { MemberInfo } from "../sdk/mod.ts";
import { avatar } from "./avatar.ts";
import type { Desk } from "./desk.ts";
import { element, fill, spoken } from "./dom.ts";
import { words } from "./i18n.ts";
import { openMember } from "./member_dialog.ts";
import type { RoomMemory } from "./room_memory.ts";
import { isMuted, muteText, statusText } from "./time_words.ts";

const MOST_SHOWN = 300;
const RANK: Record<string, number> = { owner: 0, admin: 1, member: 2 };

/** Who belongs to a room: first those who are there, by their role and name. */
export class MembersPanel {
  readonly element = element("div", { class: "members" });
  readonly #desk: Desk;
  readonly #memory: RoomMemory;
  #drawn: readonly MemberInfo[] | undefined;

  constructor(desk: Desk, memory: RoomMemory) {
    this.#desk = desk;
    this.#memory = memory;
    this.update();
  }

  /** Draws who is there now, if that differs from what is drawn. */
  update(): void {
    const { people } = this.#memory.room;
    if (looksSame(people, this.#drawn)) return;
    this.#drawn = people;
    const { here, notHere, loading } = words();
    const order = [...people].sort((one, other) =>
      (RANK[one.role] ?? 2) - (RANK[other.role] ?? 2) || one.username.localeCompare(other.username)
    );
    const focused = document.activeElement?.closest<HTMLElement>("[data-user]")?.dataset.user;
    const present = order.filter((member) => member.status !== "offline");
    const absent = order.filter((member) => member.status === "offline");
    fill(
      this.element,
      people.length === 0 && element("p", { class: "hint" }, loading),
      ...this.#section(here, present),
      ...this.#section(notHere, absent),
    );
    if (focused) this.element.querySelector<HTMLElement>(`[data-user="${CSS.escape(focused)}"]`)?.focus();
  }

  #section(title: string, members: MemberInfo[]): HTMLElement[] {
    if (members.length === 0) return [];
    return [
      element("h3", {}, `${title} · ${members.length}`),
      element(
        "ul",
        {},
        ...members.slice(0, MOST_SHOWN).map((member) => element("li", {}, this.#entry(member))),
      ),
    ];
  }

  #entry(member: MemberInfo): HTMLElement {
    const { you, roles } = words();
    const now = Date.now();
    const { userId, username, role, status } = member;
    const isMe = userId === this.#desk.me.userId;
    const notes = [
      isMe && you,
      role !== "member" && roles[role],
      isMuted(member, now) && muteText(member, now),
    ];
    const said = notes.filter(Boolean).join(" · ");
    return element(
      "button",
      {
        type: "button",
        class: "member",
        "data-status": status,
        "data-user": userId,
        "aria-haspopup": "dialog",
        on: { click: () => openMember(this.#desk, this.#memory, this.#now(member)) },
      },
      avatar(userId, username),
      element(
        "span",
        { class: "member-text" },
        element("span", { class: "member-name", dir: "auto" }, username),
        said !== "" && element("small", {}, said),
        status === "online" ? spoken(statusText(member)) : element("small", {}, statusText(member)),
      ),
    );
  }

  #now(member: MemberInfo): MemberInfo {
    return this.#memory.room.people.find((each) => each.userId === member.userId) ?? member;
  }
}

/** Whether a list drawn of these may stay for those: how far people have read, which changes all the time, is not in it. */
function looksSame(people: readonly MemberInfo[], drawn: readonly MemberInfo[] | undefined): boolean {
  return people.length === drawn?.length && people.every((one, at) => {
    const other = drawn[at];
    return one === other || one.userId === other.userId && one.username === other.username &&
        one.status === other.status && one.role === other.role && one.lastSeen === other.lastSeen &&
        one.mutedUntil === other.mutedUntil;
  });
}
