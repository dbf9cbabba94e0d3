import type { Bus } from "./bus.ts";

/** The bus of a server that is one node alone: there is nobody to tell. */
export class LocalBus implements Bus {
  readonly nodeId = crypto.randomUUID();
  readonly isShared = false;
  readonly carriesAppends = false;
  readonly isUp = true;

  listen(): void {}
  publish(): void {}

  follow(): Promise<void> {
    return Promise.resolve();
  }

  unfollow(): void {}

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
