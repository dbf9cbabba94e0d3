const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_at, count) => count - 1,
};

/** Makes the links in a list one stop of the Tab key; arrow keys, Home and End move among them. */
export function roveAmong(list: HTMLElement): void {
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const links = linksOf(list);
    const at = links.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    event.preventDefault();
    links[step(at, links.length)].focus();
  });
  list.addEventListener("focusin", (event) => setStop(list, event.target as HTMLElement));
}

/** Chooses where the Tab key stops: the link of the open room, else the first. */
export function resetStop(list: HTMLElement): void {
  const links = linksOf(list);
  setStop(list, links.find((link) => link.hasAttribute("aria-current")) ?? links[0]);
}

function setStop(list: HTMLElement, stop: HTMLElement | undefined): void {
  for (const link of linksOf(list)) link.tabIndex = link === stop ? 0 : -1;
}

function linksOf(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("a")];
}
