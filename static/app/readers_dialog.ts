import type { MemberInfo } from "../sdk/mod.ts";
import { avatar } from "./avatar.ts";
import { openDialog } from "./dialogs.ts";
import { element } from "./dom.ts";
import { words } from "./i18n.ts";
import { readersOf } from "./timeline_rows.ts";

/** Says who has read a message, and whom it has reached. */
export function openReaders(
  seq: number,
  people: readonly MemberInfo[],
  me: { userId: string; username: string },
): void {
  const readers = readersOf(seq, { people, me });
  const others = people.filter((member) =>
    member.userId !== me.userId && member.delivered >= seq && !readers.includes(member)
  );
  const list = (title: string, members: readonly MemberInfo[]) =>
    members.length > 0 && element(
      "section",
      {},
      element("h3", {}, title),
      element(
        "ul",
        { class: "names" },
        ...members.map(({ userId, username }) =>
          element("li", {}, avatar(userId, username), element("span", { dir: "auto" }, username))
        ),
      ),
    );
  openDialog(words().message, [list(words().readByTitle, readers), list(words().delivered, others)]);
}
