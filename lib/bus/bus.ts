/** What a node does with what it hears. Its methods MUST NOT throw. */
export interface Listener {
  /** Another node has published a text under a topic that is followed here. */
  heard(topic: string, text: string): void;
  /** Something may have been missed: whatever is known of other nodes has to be found out again. */
  missed(): void;
}

/**
 * Carries texts between the nodes of one server: hints, for nothing that matters rests on their arrival.
 *
 * What one node publishes arrives in the order in which it was published. A bus that may have lost something says so
 * ({@linkcode Listener.missed}), within a few seconds, also when nothing follows.
 */
export interface Bus extends AsyncDisposable {
  /** Names this node for as long as it runs; no other ever has the same name. */
  readonly nodeId: string;
  /** Whether there can be other nodes. */
  readonly isShared: boolean;
  /**
   * Whether {@linkcode Store.append} has told the other nodes of its messages already, as a letter of the kind
   * `messages` under the room's topic.
   */
  readonly carriesAppends: boolean;
  /** Whether it is connected; while it is not, the silence of other nodes says nothing about them. */
  readonly isUp: boolean;

  /** Begins to tell what is heard; called once. */
  listen(listener: Listener): void;
  /** Publishes to every other node that follows the topic. Never throws; what cannot be sent is lost. */
  publish(topic: string, text: string): void;
  /**
   * Resolves once everything that is published under the topic from now on will be heard. While the bus is cut off it
   * resolves all the same: `missed` follows when it is back.
   */
  follow(topic: string): Promise<void>;
  /** Hears no more of a topic. */
  unfollow(topic: string): void;
}

/** Where what concerns one room is published. */
export function roomTopic(roomId: string): string {
  return `room:${roomId}`;
}
