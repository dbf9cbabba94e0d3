import { element } from "./dom.ts";

const HUES = 8;

/** A round sign for a person; decoration beside the name. */
export function avatar(userId: string, username: string): HTMLElement {
  return element(
    "span",
    { class: "avatar", "data-colour": colourOf(userId), "aria-hidden": "true" },
    initialsOf(username),
  );
}

/** One of eight colours (0 to 7), always the same for the same user. */
function colourOf(userId: string): number {
  let hash = 0;
  for (const sign of userId) hash = (hash * 31 + sign.codePointAt(0)!) >>> 0;
  return hash % HUES;
}

/** The first letter of a name, or of its first two words. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).slice(0, 2);
  return words.map((word) => [...word][0] ?? "").join("").toUpperCase() || "?";
}
