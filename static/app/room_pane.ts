import type { ChatMessage, Room } from "../sdk/mod.ts";
import { acceptDrops } from "./attaching.ts";
import { Composer } from "./composer.ts";
import type { Desk } from "./desk.ts";
import { closeDialogs, type OpenDialog, openDialog } from "./dialogs.ts";
import { element, fill } from "./dom.ts";
import { words } from "./i18n.ts";
import { icon, type IconName } from "./icons.ts";
import { MembersPanel } from "./members_panel.ts";
import { MuteWatch } from "./mute_watch.ts";
import { type Pane, paneHeader } from "./panes.ts";
import { mayManage } from "./powers.ts";
import { openReaders } from "./readers_dialog.ts";
import { recall, remember } from "./remembered.ts";
import type { RoomMemory } from "./room_memory.ts";
import { openRoomSettings } from "./room_settings.ts";
import { sendFiles } from "./send_files.ts";
import { readCommand, textOf } from "./slash_command.ts";
import { statusText } from "./time_words.ts";
import { Timeline } from "./timeline.ts";
import { TypingLine } from "./typing_line.ts";

const DEFAULT_FRAME_BYTES = 65_536;
const WIDE = "(width > 68rem)";

/** An open room: its header, the conversation, who is typing, where to write, and who is there. */
export class RoomPane implements Pane {
  readonly element: HTMLElement;
  readonly roomId: string;
  readonly #desk: Desk;
  readonly #memory: RoomMemory;
  readonly #timeline: Timeline;
  readonly #typing: TypingLine;
  readonly #composer: Composer;
  readonly #mute = new MuteWatch((reason) => this.#composer.showMute(reason));
  readonly #members: MembersPanel;
  readonly #side = element("aside", { class: "side-panel", "aria-label": words().members });
  readonly #below = element("p", { class: "online" });
  readonly #actions: ReturnType<typeof roomActions>;
  readonly #header: HTMLElement;
  readonly #title: () => string;
  readonly #ended = new AbortController();
  readonly #isWide = matchMedia(WIDE);
  #sheet: OpenDialog | undefined;
  #goTo: number | undefined;
  #frame: number | undefined;

  /** `seq` is the message to begin at, if it is not the newest. */
  constructor(desk: Desk, memory: RoomMemory, seq?: number) {
    this.#desk = desk;
    this.#memory = memory;
    this.#goTo = seq;
    const { client, me, people } = desk;
    const { room } = memory;
    this.roomId = room.roomId;
    const title = () => people.titleOf(room.roomId, room.roomName, me.userId);
    this.#title = title;
    this.#members = new MembersPanel(desk, memory);
    this.#timeline = new Timeline({
      memory,
      me,
      title,
      actions: {
        reply: ({ id, mine, username, content, file }) =>
          this.#composer.answer({
            id,
            username: mine ? words().you : username,
            content: content || file?.name || "",
          }),
        show: (id) => void this.#timeline.jumpToAnswered(id).catch((error) => desk.fail(error)),
        tellReaders: (row) => openReaders(row.seq, room.people, me),
      },
      onSeen: (upTo) => this.#seen(upTo),
      onLeft: () => this.#composer.focus(),
    });
    this.#typing = new TypingLine(memory);
    const takesFiles = client.welcome?.limits.fileBytes !== 0;
    const sendFiles = takesFiles ? (files: readonly File[]) => this.#sendFiles(files) : undefined;
    this.#composer = new Composer({
      roomId: room.roomId,
      maxFrameBytes: () => client.welcome?.limits.messageBytes ?? DEFAULT_FRAME_BYTES,
      send: (content, replyTo) => this.#send(content, replyTo),
      sendFiles,
      typing: (isTyping) => this.#mute.reason === undefined && room.typing(isTyping),
      goUp: () => this.#timeline.focusLast(),
    });
    this.#actions = roomActions(desk, room, {
      members: () => this.#toggleMembers(),
      settings: () => openRoomSettings(desk, memory),
    });
    const { all: actions } = this.#actions;
    this.#header = paneHeader({ title: title(), below: this.#below, actions, showRooms: desk.showRooms });
    const parts = [this.#timeline, this.#typing, this.#composer].map((part) => part.element);
    const talk = element("div", { class: "talk" }, ...parts);
    const body = element("div", { class: "room-body" }, talk, this.#side);
    this.element = element("section", { class: "pane room" }, this.#header, body);
    this.#listen();
    acceptDrops(talk, title, sendFiles, this.#ended.signal);
  }

  /** Draws for the first time, once the pane is in the document. */
  start(): void {
    this.#placeMembers();
    this.#drawAround();
    this.#composer.start();
    this.#timeline.start(this.#goTo !== undefined);
    if (this.#goTo !== undefined) this.goTo(this.#goTo);
    if (this.#side.hidden) this.#askWhoIsHere();
  }

  /** Moves the focus to where one writes, unless one is led to a message. */
  focus(): void {
    if (this.#goTo === undefined) this.#composer.focus();
  }

  /** Goes to a message. */
  goTo(seq: number): void {
    this.#goTo = seq;
    this.#timeline.jumpTo(seq).catch((error) => this.#desk.fail(error));
  }

  /** Whether the end of the conversation is before someone's eyes. */
  get isWatched(): boolean {
    return this.#timeline.atEnd && document.visibilityState === "visible";
  }

  /** Stops. */
  close(): void {
    this.#ended.abort();
    this.#mute.close();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    closeDialogs();
    this.#timeline.close();
    this.#typing.close();
    this.#composer.close();
  }

  #listen(): void {
    const { announcer, me, client } = this.#desk;
    const signal = this.#ended.signal;
    const memory = this.#memory;
    memory.addEventListener("change", () => {
      this.#timeline.update();
      this.#drawSoon();
    }, { signal });
    memory.addEventListener("typing", () => this.#typing.update(), { signal });
    memory.addEventListener("chat", (event) => {
      const { userId, username, content, file } = (event as CustomEvent<ChatMessage>).detail;
      const said = file ? `${words().file(file.name)} ${content}` : content;
      if (userId !== me.userId) announcer.chat(username, said);
      this.#askWhoIsHere();
    }, { signal });
    memory.room.addEventListener("system", ({ detail: { event } }) => {
      // In a large room only their number is told.
      if (event === "members" && (this.#sheet || !this.#side.hidden)) memory.room.refreshMembers();
    }, { signal });
    memory.room.addEventListener("outgoing", (event) => {
      const { status, error } = event.detail;
      if (status !== "failed" && error?.retryAfterMs) {
        this.#composer.showRateLimit(Date.now() + error.retryAfterMs);
      }
    }, { signal });
    client.addEventListener("welcome", () => this.#askWhoIsHere(), { signal });
    document.addEventListener("visibilitychange", () => this.#visibilityChanged(), { signal });
    this.#isWide.addEventListener("change", () => this.#placeMembers(), { signal });
  }

  #seen(seq: number): void {
    this.#memory.markRead(seq);
    this.#memory.room.markRead(seq);
  }

  /** Gives what keeps the text from being sent. */
  #send(content: string, replyTo: string | undefined): string | undefined {
    const memory = this.#memory;
    const direct = readCommand(content, this.#desk.people);
    if (direct === "unknown") return words().noSuchCommand;
    if (direct === "no_text") return words().msgHint;
    if (direct === "several") return words().severalPeople;
    if (direct && typeof direct.to === "string") {
      this.#desk.write(direct.to, direct.content).catch(() => this.#composer.restore(content));
    } else if (direct && typeof direct.to === "object") {
      this.#desk.client.dm(direct.to.userId, direct.content);
      this.#desk.talkTo(direct.to);
    } else if (this.#mute.reason !== undefined) {
      return ""; // The reason stands there already.
    } else {
      memory.clearUnreadLine();
      memory.room.send(textOf(content), { replyTo });
      this.#timeline.jumpToEnd();
    }
  }

  #sendFiles(files: readonly File[]): void {
    if (this.#mute.reason !== undefined) return;
    sendFiles(this.#memory.room, files);
    this.#memory.clearUnreadLine();
    this.#timeline.jumpToEnd();
  }

  #visibilityChanged(): void {
    // What was read before the tab went away needs no "new" line when it is back.
    if (document.visibilityState === "hidden" && this.#timeline.atEnd) this.#memory.clearUnreadLine();
    else this.#timeline.update();
  }

  #askWhoIsHere(): void {
    // Nobody is listed before somebody has written in a direct room.
    if (this.#memory.room.people.length === 0) this.#listMembers();
  }

  #listMembers(): void {
    this.#memory.room.listMembers().catch(() => {});
  }

  /** Draws what is around the conversation, once for all changes of a frame. */
  #drawSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#drawAround();
    });
  }

  #drawAround(): void {
    const { room } = this.#memory;
    const { client, me } = this.#desk;
    const title = this.#title();
    const name = this.#header.querySelector("h1")!;
    if (name.textContent !== title) name.textContent = title;
    this.#composer.showTitle(title);
    const other = room.isDirect ? room.people.find((member) => member.userId !== me.userId) : undefined;
    this.#below.className = `online ${room.isDirect ? other?.status ?? "offline" : "online"}`;
    fill(this.#below, !room.isDirect ? words().online(room.members) : other && statusText(other));
    // The server knows nothing yet of a conversation of two in which nothing was said.
    this.#actions.leave.hidden = room.isDirect && room.seq === 0;
    this.#actions.settings.hidden = !mayManage(room, client.welcome?.role);
    this.#mute.update(room.people.find((member) => member.userId === me.userId));
    this.#members.update();
  }

  #toggleMembers(): void {
    if (!this.#isWide.matches) return this.#openSheet();
    remember("browser", "members", this.#side.hidden ? undefined : "shut");
    this.#placeMembers();
  }

  #placeMembers(): void {
    const isWide = this.#isWide.matches;
    if (isWide) this.#sheet?.close();
    this.#side.hidden = !isWide || this.#memory.room.isDirect || recall("browser", "members") === "shut";
    if (!this.#side.hidden) {
      fill(this.#side, element("h2", {}, words().members), this.#members.element);
      this.#listMembers();
    }
    if (isWide) this.#actions.members.setAttribute("aria-expanded", String(!this.#side.hidden));
    else this.#actions.members.removeAttribute("aria-expanded");
  }

  #openSheet(): void {
    this.#listMembers();
    const closed = () => this.#sheet = undefined;
    this.#sheet = openDialog(words().members, [this.#members.element], "sheet", closed);
  }
}

/** The buttons at the top of a room. */
function roomActions(
  desk: Desk,
  room: Room,
  open: { members: () => void; settings: () => void },
) {
  const button = (sign: IconName, label: string, click: () => void) =>
    element(
      "button",
      { type: "button", class: "quiet-button", title: label, on: { click } },
      icon(sign),
      element("span", {}, label),
    );
  const { members: membersLabel, search: searchLabel, settings: settingsLabel, leaveRoom, closeDirect } =
    words();
  const members = button("people", membersLabel, open.members);
  const settings = button("settings", settingsLabel, open.settings);
  const label = room.isDirect ? closeDirect : leaveRoom;
  const leave = button(room.isDirect ? "close" : "leave", label, () => desk.leave(room.roomId));
  const search = button("search", searchLabel, () => desk.search(room.roomId));
  members.hidden = room.isDirect;
  return { all: [search, members, settings, leave], members, settings, leave };
}
