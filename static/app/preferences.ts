import { element } from "./dom.ts";
import { chooseLanguage, type Language, language, LANGUAGES, words } from "./i18n.ts";
import { chooseTheme, currentTheme, type Theme } from "./theme.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The switches for language and theme; `redraw` draws the page in another language. */
export function preferences(redraw: () => void): HTMLElement {
  const languages = picker(words().language, LANGUAGES, language(), async (chosen) => {
    await chooseLanguage(chosen);
    redraw();
    document.querySelector<HTMLElement>(".preferences select")?.focus();
  });
  const names = THEMES.map((theme): [Theme, string] => [theme, words().themes[theme]]);
  return element(
    "div",
    { class: "preferences" },
    languages,
    picker(words().theme, names, currentTheme(), chooseTheme),
  );
}

function picker<T extends Language | Theme>(
  label: string,
  choices: readonly (readonly [T, string])[],
  current: T,
  choose: (chosen: T) => void,
): HTMLElement {
  const options = choices.map(([value, name]) =>
    element("option", { value, selected: value === current }, name)
  );
  const change = (event: Event) => choose((event.target as HTMLSelectElement).value as T);
  return element("select", { "aria-label": label, title: label, on: { change } }, ...options);
}
