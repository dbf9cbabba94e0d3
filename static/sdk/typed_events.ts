/** What an event listener gets: the facts are in `detail`. */
export type Listener<Detail> = (event: CustomEvent<Detail>) => void;

type AnyListener = EventListenerOrEventListenerObject | ((event: never) => void) | null;

/** An `EventTarget` that knows its events' types, and makes no event object that nobody listens for. */
export class TypedEvents<Events> extends EventTarget {
  // Kept after a listener goes (`once`, `signal`): counting those exactly costs more than a few events too many.
  #listenedTo = new Set<string>();

  override addEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | AddEventListenerOptions,
  ) {
    this.#listenedTo.add(type);
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<Events[K]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: AnyListener,
    options?: boolean | EventListenerOptions,
  ) {
    super.removeEventListener(type, listener as EventListener, options);
  }

  /** Whether anyone has ever listened for events of this type. */
  isListenedTo(type: keyof Events & string): boolean {
    return this.#listenedTo.has(type);
  }
}

/** Tells the listeners, if there are any. */
export function emit<Events, K extends keyof Events & string>(
  target: TypedEvents<Events>,
  type: K,
  detail: Events[K],
): void {
  if (target.isListenedTo(type)) target.dispatchEvent(new CustomEvent(type, { detail }));
}
