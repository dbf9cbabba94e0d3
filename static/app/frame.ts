import type { ParleyClient } from "../sdk/mod.ts";
import { Announcer } from "./announcer.ts";
import { ConnectionBar } from "./connection_bar.ts";
import { Notices } from "./notices.ts";
import { RoomsView, type RoomsViewOptions } from "./rooms_view.ts";
import { Shell, type ShellOptions } from "./shell.ts";

/** What a frame needs from around it. */
export type FrameOptions =
  & Pick<ShellOptions, "redraw" | "signOut" | "onDrawerOpened">
  & { client: ParleyClient; rooms: RoomsViewOptions; restart: () => void };

/** Everything around the pane, in one language: drawn again when that changes. */
export class Frame {
  readonly notices = new Notices();
  readonly announcer = new Announcer();
  readonly bar: ConnectionBar;
  readonly rooms: RoomsView;
  readonly shell: Shell;

  constructor({ client, rooms, restart, ...options }: FrameOptions) {
    this.bar = new ConnectionBar(client, restart);
    this.rooms = new RoomsView(rooms);
    this.shell = new Shell({
      ...options,
      connection: this.bar.element,
      notices: this.notices.element,
      announcer: this.announcer.element,
      rooms: this.rooms.element,
    });
    this.bar.show(client.state);
  }

  /** Stops. */
  close(): void {
    this.shell.close();
    this.bar.close();
    this.announcer.close();
    this.notices.clear();
  }
}
