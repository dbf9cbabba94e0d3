import { recall, remember } from "./remembered.ts";

/** `system` follows what the device asks for. */
export type Theme = "system" | "light" | "dark";

/** The theme the person chose. */
export function currentTheme(): Theme {
  const chosen = recall("browser", "theme");
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Changes the theme and remembers it. */
export function chooseTheme(theme: Theme): void {
  remember("browser", "theme", theme === "system" ? undefined : theme);
  showTheme();
}

function showTheme(): void {
  document.documentElement.dataset.theme = currentTheme();
}

// Done while the page still loads, so that the first paint has the right colours.
showTheme();
