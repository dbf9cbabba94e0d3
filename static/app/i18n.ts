import { recall, remember } from "./remembered.ts";
import { english, type Words } from "./words_en.ts";

/** The languages the page speaks. */
export type Language = "en" | "zh";

/** Every language with the name it gives itself. */
export const LANGUAGES: readonly [Language, string][] = [["en", "English"], ["zh", "中文"]];

let current: Language = "en";
let table: Words = english;

/** Chooses what was remembered, else the first preferred language the page speaks, else English. */
export function pickLanguage(remembered: string | undefined, preferred: readonly string[]): Language {
  for (const tag of remembered === undefined ? preferred : [remembered, ...preferred]) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "zh") return primary;
  }
  return "en";
}

/** Begins with the language this person most likely reads. */
export async function startLanguage(): Promise<void> {
  await load(pickLanguage(recall("browser", "language"), navigator.languages));
}

/** Changes the language and remembers it; what is on the screen must then be drawn again. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  remember("browser", "language", chosen);
  await load(chosen);
}

/** The language in use. */
export function language(): Language {
  return current;
}

/** The words of the language in use. */
export function words(): Words {
  return table;
}

/** What an error code means for a person; codes without words of their own keep the server's. */
export function explain(error: { code: string; message: string }): string {
  const known: Record<string, string> = words().errors;
  return Object.hasOwn(known, error.code) ? known[error.code] : error.message;
}

async function load(chosen: Language): Promise<void> {
  try {
    // Only those who read another language load its table.
    table = chosen === "zh" ? (await import("./words_zh.ts")).chinese : english;
    current = chosen;
  } catch {
    // Offline just now: the language at hand will do.
  }
  document.documentElement.lang = table.languageTag;
}
