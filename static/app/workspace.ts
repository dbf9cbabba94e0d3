import type { ConnectionState, ErrorMessage, Receipt, Welcome } from "../sdk/mod.ts";
import { ParleyClient, ParleyError } from "../sdk/mod.ts";
import { addressOf, readAddress } from "./address.ts";
import { Announcer } from "./announcer.ts";
import { ConnectionBar } from "./connection_bar.ts";
import { explain, words } from "./i18n.ts";
import { Notices } from "./notices.ts";
import { noRoomPane, openingPane, type Pane, passwordPane, refusedPane } from "./panes.ts";
import { ReadMarks } from "./read_marks.ts";
import { RoomDirectory } from "./room_directory.ts";
import type { RoomMemory } from "./room_memory.ts";
import { RoomPane } from "./room_pane.ts";
import { RoomsView } from "./rooms_view.ts";
import type { Session } from "./session.ts";
import { SessionKeeper } from "./session_keeper.ts";
import { Shell } from "./shell.ts";

const DEFAULT_ROOM = "general";
const REFRESH_ROOMS_MS = 60_000;
const DRAW_ROOMS_AFTER_MS = 50;
const NO_CREDENTIALS = 1008;
const TOKEN_EXPIRED = 4001;

/** Why the work ended: the person signed out, or the server wants to know again who it is. */
export type End = "signed_out" | "token_refused" | "session_ended";

/** What the workspace needs from around it. */
export type WorkspaceOptions = {
  root: HTMLElement;
  session: Session;
  end: (why: End) => void;
  /** Begins anew with the session that is kept. */
  restart: () => void;
};

/** The signed-in page: it holds the connection and puts what the server says on the screen. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #client: ParleyClient;
  readonly #directory: RoomDirectory;
  readonly #marks: ReadMarks;
  readonly #session: SessionKeeper;
  readonly #ended = new AbortController();
  readonly #refreshing: ReturnType<typeof setInterval>;
  #wanted: string | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #drawPane: () => Pane = () => this.#noRoom();
  #pane: Pane | undefined;
  #shell!: Shell;
  #rooms!: RoomsView;
  #bar!: ConnectionBar;
  #notices!: Notices;
  #announcer!: Announcer;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#session = new SessionKeeper(options.session);
    this.#client = new ParleyClient({
      url: new URL("ws", document.baseURI),
      token: (reason) => this.#session.token(reason),
      userKey: options.session.queueKey,
    });
    this.#directory = new RoomDirectory(this.#client, (roomId) => this.#isWatched(roomId));
    this.#marks = new ReadMarks(this.#client);
    this.#refreshing = setInterval(() => this.#refreshRooms(), REFRESH_ROOMS_MS);
    this.#listen();
    this.#drawShell();
    this.#followAddress("replace");
    // Why it stopped, if it did, comes as a state.
    this.#client.connect().catch(() => {});
  }

  /** Draws everything again, in another language. */
  redraw(): void {
    this.#closeShell();
    this.#drawShell();
    this.#show(this.#drawPane);
  }

  /** Ends the connection and stops. */
  close(): void {
    this.#ended.abort();
    clearInterval(this.#refreshing);
    clearTimeout(this.#drawing);
    this.#closeShell();
    this.#directory.close();
    this.#marks.close();
    this.#client.close();
  }

  #drawShell(): void {
    this.#notices = new Notices();
    this.#announcer = new Announcer();
    this.#bar = new ConnectionBar(this.#client, () => this.#options.restart());
    this.#rooms = new RoomsView({ defaultRoom: DEFAULT_ROOM, open: (roomId) => this.#open(roomId) });
    this.#shell = new Shell({
      connection: this.#bar.element,
      notices: this.#notices.element,
      announcer: this.#announcer.element,
      rooms: this.#rooms.element,
      redraw: () => this.redraw(),
      signOut: () => this.#options.end("signed_out"),
      onDrawerOpened: () => this.#refreshRooms(),
    });
    this.#shell.showPerson(this.#session.me.userId, this.#session.me.username);
    this.#options.root.replaceChildren(this.#shell.element);
    this.#bar.show(this.#client.state);
    this.#drawRooms();
  }

  #closeShell(): void {
    this.#pane?.close?.();
    this.#pane = undefined;
    this.#shell.close();
    this.#bar.close();
    this.#announcer.close();
    this.#notices.clear();
  }

  #listen(): void {
    const options = { signal: this.#ended.signal };
    this.#client.addEventListener("state", (event) => this.#stateChanged(event.detail), options);
    this.#client.addEventListener("welcome", (event) => this.#welcomed(event.detail), options);
    this.#client.addEventListener("error", (event) => this.#errorCame(event.detail), options);
    this.#client.addEventListener("receipt", (event) => this.#receiptCame(event.detail), options);
    this.#client.addEventListener("gap", (event) => this.#marks.forget(event.detail.roomId), options);
    this.#directory.addEventListener("change", () => this.#drawRoomsSoon(), options);
    this.#directory.addEventListener(
      "removed",
      (event) => this.#removed((event as CustomEvent).detail),
      options,
    );
    globalThis.addEventListener("hashchange", () => this.#followAddress("keep"), options);
  }

  #stateChanged(state: ConnectionState): void {
    this.#bar.show(state);
    if (state.name !== "stopped") return;
    if (state.code === NO_CREDENTIALS) this.#options.end(this.#session.end);
    else if (state.code === TOKEN_EXPIRED) this.#options.end("session_ended");
  }

  #welcomed(welcome: Welcome): void {
    // A guest whose session was lost comes back as someone new, and nothing on the screen is theirs.
    if (this.#session.recognise(welcome) === "other") return this.#options.restart();
    this.#directory.takeWelcome(welcome);
    this.#shell.showPerson(welcome.userId, welcome.username);
    this.#marks.flush();
    this.#refreshRooms();
    if (this.#wanted === undefined) {
      this.#show(this.#drawPane);
      void this.#directory.joinTheRest();
    }
  }

  #errorCame(error: ErrorMessage): void {
    // That a room was lost is told as such.
    if (error.roomId === undefined || this.#directory.get(error.roomId)) this.#notices.showError(error);
  }

  /** Another device of the same person has read on. */
  #receiptCame(receipt: Receipt): void {
    if (receipt.userId !== this.#session.me.userId || receipt.status !== "read") return;
    const memory = this.#directory.get(receipt.roomId);
    if (memory && receipt.seq >= memory.newestSeq) memory.markRead();
  }

  #removed(roomId: string): void {
    this.#marks.forget(roomId);
    if (this.#wanted === roomId) this.#openNone();
    this.#notices.show({ text: words().removedFrom(roomId), tone: "info" });
  }

  #followAddress(how: "keep" | "replace"): void {
    const { roomId, token } = readAddress(new URL(location.href));
    if (token !== undefined) return this.#options.restart();
    if (roomId === undefined) return this.#openNone();
    if (roomId !== this.#wanted || how === "replace") this.#open(roomId, how);
    else this.#shell.closeDrawer();
  }

  #openNone(): void {
    this.#wanted = undefined;
    history.replaceState(null, "", addressOf(new URL(location.href), undefined));
    this.#show(() => this.#noRoom());
  }

  #open(roomId: string, address: "push" | "keep" | "replace" = "push", password?: string): void {
    this.#wanted = roomId;
    const url = addressOf(new URL(location.href), roomId);
    if (address === "push") history.pushState(null, "", url);
    else if (address === "replace") history.replaceState(null, "", url);
    this.#notices.clear();
    const memory = this.#directory.get(roomId);
    if (memory) return this.#show(() => this.#roomPane(memory));
    this.#show(() => openingPane(roomId, this.#showDrawer));
    this.#directory.open(roomId, password).then((memory) => {
      if (this.#wanted === roomId) this.#show(() => this.#roomPane(memory));
    }, (error) => {
      if (this.#wanted === roomId) this.#show(() => this.#refused(roomId, error, password));
    }).finally(() => this.#directory.joinTheRest());
  }

  #show(draw: () => Pane): void {
    this.#drawPane = draw;
    this.#pane?.close?.();
    this.#pane = draw();
    this.#shell.showPane(this.#pane, this.#wanted !== undefined);
    this.#pane.start?.();
    // On a touch screen the focus would bring the keyboard over half of the page.
    if (matchMedia("(pointer: fine)").matches) this.#pane.focus?.();
    this.#drawRooms();
  }

  #noRoom(): Pane {
    return noRoomPane(this.#session.me.username, DEFAULT_ROOM, (roomId) => this.#open(roomId));
  }

  #roomPane(memory: RoomMemory): Pane {
    return new RoomPane({
      client: this.#client,
      memory,
      me: this.#session.me,
      marks: this.#marks,
      announcer: this.#announcer,
      showRooms: this.#showDrawer,
      leave: () => this.#leave(memory.room.roomId),
    });
  }

  #refused(roomId: string, error: unknown, password: string | undefined): Pane {
    const refusal = error instanceof ParleyError ? error : { code: "internal", message: String(error) };
    if (refusal.code === "wrong_password" || password !== undefined) {
      const problem = password === undefined ? undefined : explain(refusal);
      return passwordPane(roomId, problem, this.#showDrawer, (typed) => this.#open(roomId, "keep", typed));
    }
    return refusedPane(roomId, refusal, this.#showDrawer, () => this.#open(roomId, "keep"));
  }

  async #leave(roomId: string): Promise<void> {
    const leaving = this.#directory.leave(roomId);
    this.#marks.forget(roomId);
    if (this.#wanted === roomId) this.#openNone();
    try {
      await leaving;
    } catch (error) {
      if (error instanceof ParleyError) this.#notices.showError(error);
      return;
    }
    const action = { label: words().goBack(roomId), run: () => this.#open(roomId) };
    this.#notices.show({ text: words().youLeft(roomId), tone: "info", action });
    this.#refreshRooms();
  }

  /** A burst of messages changes the list once; a timer, because frames stand still in a hidden tab. */
  #drawRoomsSoon(): void {
    this.#drawing ??= setTimeout(() => this.#drawRooms(), DRAW_ROOMS_AFTER_MS);
  }

  #drawRooms(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.#rooms.show(this.#directory.entries(), this.#wanted);
    const unread = this.#directory.totalUnread;
    const place = this.#wanted === undefined ? "Parley" : `${this.#nameOf(this.#wanted)} · Parley`;
    document.title = unread > 0 ? `(${unread}) ${place}` : place;
  }

  #nameOf(roomId: string): string {
    return this.#directory.get(roomId)?.room.roomName ?? roomId;
  }

  #refreshRooms(): void {
    if (document.visibilityState === "visible") void this.#directory.refresh();
  }

  #isWatched(roomId: string): boolean {
    return this.#pane instanceof RoomPane && this.#pane.roomId === roomId && this.#pane.isWatched;
  }

  readonly #showDrawer = () => this.#shell.openDrawer();
}
