import { element } from "./dom.ts";
import { words } from "./i18n.ts";
import type { RoomMemory } from "./room_memory.ts";

const LOOK_AGAIN_MS = 1_000;
/** Of longer names this much is shown, so that a phone has room for what they do. */
const NAME_CHARACTERS = 20;

/** One line that says who is typing. */
export class TypingLine {
  readonly element = element("p", { class: "typing" });
  readonly #memory: RoomMemory;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(memory: RoomMemory) {
    this.#memory = memory;
    this.update();
  }

  /** Draws who is typing now, and looks again while anyone is. */
  update(): void {
    clearTimeout(this.#timer);
    const names = this.#memory.typingNames(Date.now()).map(shorten);
    this.element.textContent = typingText(names);
    if (names.length > 0) this.#timer = setTimeout(() => this.update(), LOOK_AGAIN_MS);
  }

  /** Stops looking. */
  close(): void {
    clearTimeout(this.#timer);
  }
}

function shorten(name: string): string {
  const characters = [...name];
  return characters.length > NAME_CHARACTERS ? `${characters.slice(0, NAME_CHARACTERS).join("")}…` : name;
}

function typingText(names: string[]): string {
  const { one, two, many } = words().typing;
  if (names.length === 0) return "";
  if (names.length === 1) return one(names[0]);
  return names.length === 2 ? two(names[0], names[1]) : many;
}
