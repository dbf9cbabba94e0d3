import type { ConnectionState, ErrorMessage, Notification, Receipt, Welcome } from "../sdk/mod.ts";
import { directRoomId, isDirect, ParleyClient, ParleyError } from "../sdk/mod.ts";
import { addressOf, readAddress, SEARCH_LINK } from "./address.ts";
import { Alerts } from "./alerts.ts";
import { watchAvailability } from "./availability.ts";
import { openCreateRoom } from "./create_room.ts";
import type { Desk } from "./desk.ts";
import { closeDialogs } from "./dialogs.ts";
import { Frame } from "./frame.ts";
import { words } from "./i18n.ts";
import { invitationIn, noticeOf } from "./notices.ts";
import { closedPane, noRoomPane, openingPane, type Pane } from "./panes.ts";
import { People } from "./people.ts";
import { RoomDirectory } from "./room_directory.ts";
import { RoomListing } from "./room_listing.ts";
import type { RoomMemory } from "./room_memory.ts";
import { RoomPane } from "./room_pane.ts";
import { SearchPane, type SearchState } from "./search_pane.ts";
import type { Session } from "./session.ts";
import { SessionKeeper } from "./session_keeper.ts";

const DEFAULT_ROOM = "general";
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

/** How a room is opened; `seq` is the message to begin at. */
type Opening = { address?: "push" | "keep" | "replace"; password?: string; seq?: number };

/** The signed-in page: it holds the connection and puts what the server says on the screen. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #client: ParleyClient;
  readonly #people = new People();
  readonly #directory: RoomDirectory;
  readonly #listing: RoomListing;
  readonly #session: SessionKeeper;
  readonly #alerts: Alerts;
  readonly #stopWatching: () => void;
  readonly #ended = new AbortController();
  readonly #found: SearchState = { query: "", inRoom: false, results: [], more: false };
  #wanted: string | undefined;
  #searchedFrom: string | undefined;
  readonly #noRoom = () =>
    noRoomPane(this.#session.me.username, DEFAULT_ROOM, (roomId) => this.#open(roomId));
  #drawPane: () => Pane = this.#noRoom;
  #pane: Pane | undefined;
  #frame!: Frame;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#session = new SessionKeeper(options.session);
    this.#client = new ParleyClient({
      url: new URL("ws", document.baseURI),
      token: (reason) => this.#session.token(reason),
      userKey: options.session.queueKey,
    });
    this.#directory = new RoomDirectory(this.#client, this.#people, (roomId) => this.#isWatched(roomId));
    this.#listing = new RoomListing(this.#directory, (roomId) => this.#titleOf(roomId));
    this.#alerts = new Alerts({
      me: () => this.#session.me,
      titleOf: (roomId) => this.#titleOf(roomId),
      open: (roomId, seq) => this.#open(roomId, { seq }),
    });
    this.#stopWatching = watchAvailability(this.#client);
    this.#listen();
    this.#drawFrame();
    this.#followAddress("replace");
    // Why it stopped, if it did, comes as a state.
    this.#client.connect().catch(() => {});
  }

  /** Draws everything again, in another language. */
  redraw(): void {
    this.#closeFrame();
    this.#drawFrame();
    this.#show(this.#drawPane);
  }

  /** Ends the connection and stops. */
  close(): void {
    this.#ended.abort();
    this.#stopWatching();
    this.#closeFrame();
    this.#listing.close();
    this.#directory.close();
    this.#client.close();
  }

  #drawFrame(): void {
    this.#frame = new Frame({
      client: this.#client,
      rooms: {
        defaultRoom: DEFAULT_ROOM,
        open: (roomId) => this.#open(roomId),
        create: (roomName) => openCreateRoom(this.#desk, roomName),
        decline: (roomId) => this.#directory.decline(roomId).catch((error) => this.#fail(error)),
        search: () => this.#search(undefined),
      },
      restart: () => this.#options.restart(),
      redraw: () => this.redraw(),
      signOut: () => this.#options.end("signed_out"),
      onDrawerOpened: () => this.#listing.refresh(),
    });
    this.#frame.shell.showPerson(this.#session.me.userId, this.#session.me.username);
    this.#options.root.replaceChildren(this.#frame.shell.element);
    this.#listing.use(this.#frame.rooms);
  }

  #closeFrame(): void {
    closeDialogs();
    this.#pane?.close?.();
    this.#pane = undefined;
    this.#frame.close();
  }

  get #desk(): Desk {
    return {
      client: this.#client,
      people: this.#people,
      me: this.#session.me,
      announcer: this.#frame.announcer,
      open: (roomId, seq) => this.#open(roomId, { seq }),
      talkTo: ({ userId }) => this.#open(directRoomId(this.#session.me.userId, userId)),
      write: (to, content) =>
        this.#client.dm(to, content).acked.then(({ roomId }) => this.#open(roomId), (error) => {
          this.#fail(error);
          throw error;
        }),
      search: (roomId) => this.#search(roomId),
      leave: (roomId) => void this.#leave(roomId),
      showRooms: () => this.#frame.shell.openDrawer(),
      infoOf: (roomId) => this.#directory.infoOf(roomId),
      refresh: () => this.#listing.refresh(),
      fail: (error) => this.#fail(error),
    };
  }

  #listen(): void {
    const options = { signal: this.#ended.signal };
    const client = this.#client;
    client.addEventListener("message", (event) => this.#people.hear(event.detail), options);
    client.addEventListener("state", (event) => this.#stateChanged(event.detail), options);
    client.addEventListener("welcome", (event) => this.#welcomed(event.detail), options);
    client.addEventListener("error", (event) => this.#errorCame(event.detail), options);
    client.addEventListener("receipt", (event) => this.#receiptCame(event.detail), options);
    client.addEventListener("chat", (event) => this.#alerts.chat(event.detail), options);
    client.addEventListener("direct", (event) => this.#directory.meet(event.detail), options);
    client.addEventListener("notification", (event) => this.#notified(event.detail), options);
    client.addEventListener("system", (event) => {
      if (event.detail.event === "update") this.#listing.refresh();
    }, options);
    const removed = (event: Event) => this.#removed((event as CustomEvent).detail);
    this.#directory.addEventListener("removed", removed, options);
    globalThis.addEventListener("hashchange", () => this.#followAddress("keep"), options);
  }

  #stateChanged(state: ConnectionState): void {
    this.#frame.bar.show(state);
    const code = state.name === "stopped" ? state.code : undefined;
    if (code === NO_CREDENTIALS) this.#options.end(this.#session.end);
    else if (code === TOKEN_EXPIRED) this.#options.end("session_ended");
  }

  #welcomed(welcome: Welcome): void {
    // A guest whose session was lost comes back as someone new, and nothing on the screen is theirs.
    if (this.#session.recognise(welcome) === "other") return this.#options.restart();
    this.#directory.takeWelcome(welcome);
    this.#frame.shell.showPerson(welcome.userId, welcome.username);
    this.#listing.refresh();
    if (this.#wanted !== undefined) return;
    if (!(this.#pane instanceof SearchPane)) this.#show(this.#drawPane);
    void this.#directory.joinTheRest();
  }

  #errorCame(error: ErrorMessage): void {
    // That a room was lost is told as such.
    if (error.roomId === undefined || this.#directory.get(error.roomId)) this.#frame.notices.showError(error);
  }

  /** Another device of the same person has read on. */
  #receiptCame({ userId, status, roomId, seq }: Receipt): void {
    if (userId === this.#session.me.userId && status === "read") this.#directory.get(roomId)?.markRead(seq);
  }

  #notified(notification: Notification): void {
    const invitation = invitationIn(notification);
    if (invitation && !this.#directory.takeInvitation(invitation)) return;
    this.#frame.notices.show(noticeOf(notification, this.#people, (roomId) => this.#open(roomId)));
  }

  #removed(roomId: string): void {
    const text = words().removedFrom(this.#titleOf(roomId));
    if (this.#wanted === roomId) this.#openNone();
    if (this.#searchedFrom === roomId) this.#searchedFrom = undefined;
    this.#frame.notices.show({ text, tone: "info" });
  }

  #followAddress(how: "keep" | "replace"): void {
    const { roomId, token, isSearch } = readAddress(new URL(location.href));
    if (token !== undefined) return this.#options.restart();
    if (isSearch) return this.#search(undefined);
    if (roomId === undefined) return this.#openNone();
    if (roomId !== this.#wanted || how === "replace") this.#open(roomId, { address: how });
  }

  #openNone(): void {
    this.#wanted = this.#searchedFrom = undefined;
    history.replaceState(null, "", addressOf(new URL(location.href), undefined));
    this.#show(this.#noRoom);
  }

  #open(roomId: string, opening: Opening = {}): void {
    const { address = "push", password, seq } = opening;
    this.#wanted = roomId;
    const url = addressOf(new URL(location.href), roomId);
    if (address === "push") history.pushState(null, "", url);
    else if (address === "replace") history.replaceState(null, "", url);
    this.#frame.notices.clear();
    const memory = this.#directory.get(roomId);
    if (memory) return this.#showRoom(memory, seq);
    this.#show(() => openingPane(this.#titleOf(roomId), this.#desk.showRooms));
    this.#directory.open(roomId, password).then((memory) => {
      if (this.#directory.infoOf(roomId) === undefined) this.#listing.refresh();
      if (this.#wanted === roomId) this.#showRoom(memory, seq);
    }, (error) => {
      const again = (password?: string) => this.#open(roomId, { address: "keep", password });
      if (this.#wanted === roomId) {
        this.#show(() => closedPane(roomId, error, this.#desk.showRooms, again, password));
      }
    }).finally(() => this.#directory.joinTheRest());
  }

  #showRoom(memory: RoomMemory, seq: number | undefined): void {
    if (seq === undefined) return this.#show(() => new RoomPane(this.#desk, memory));
    this.#show(() => new RoomPane(this.#desk, memory, seq));
    // Drawn again, it begins where the person is, not where a search once led.
    this.#drawPane = () => new RoomPane(this.#desk, memory);
  }

  #show(draw: () => Pane): void {
    this.#drawPane = draw;
    this.#pane?.close?.();
    this.#pane = draw();
    this.#frame.shell.showPane(this.#pane, draw !== this.#noRoom);
    this.#pane.start?.();
    // On a touch screen the focus would bring the keyboard over half of the page.
    if (matchMedia("(pointer: fine)").matches) this.#pane.focus?.();
    this.#listing.showOpen(this.#wanted);
  }

  #search(roomId: string | undefined): void {
    // With the room's address still there, its link would lead nowhere.
    if (location.hash !== SEARCH_LINK) history.pushState(null, "", SEARCH_LINK);
    this.#searchedFrom = this.#wanted ?? this.#searchedFrom;
    this.#wanted = undefined;
    const close = () => this.#searchedFrom ? this.#open(this.#searchedFrom) : this.#openNone();
    this.#show(() => new SearchPane(this.#desk, roomId, this.#found, close));
  }

  async #leave(roomId: string): Promise<void> {
    const title = this.#titleOf(roomId);
    const leaving = this.#directory.leave(roomId);
    if (this.#wanted === roomId) this.#openNone();
    try {
      await leaving;
    } catch (error) {
      return this.#fail(error);
    }
    const text = words()[isDirect(roomId) ? "youClosed" : "youLeft"](title);
    const action = { label: words().goBack(title), run: () => this.#open(roomId) };
    this.#frame.notices.show({ text, tone: "info", action });
    this.#listing.refresh();
  }

  #fail(error: unknown): void {
    if (error instanceof ParleyError) this.#frame.notices.showError(error);
    else throw error;
  }

  #titleOf(roomId: string): string {
    const name = this.#client.room(roomId)?.roomName ?? this.#directory.infoOf(roomId)?.roomName ?? roomId;
    return this.#people.titleOf(roomId, name, this.#session.me.userId);
  }

  #isWatched(roomId: string): boolean {
    return this.#pane instanceof RoomPane && this.#pane.roomId === roomId && this.#pane.isWatched;
  }
}
