const NAMESPACE = "http://www.w3.org/2000/svg";

const PATHS = {
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10.5 21h3",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21",
  settings: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
  ticks: "M2 12.5 6.5 17 14 8M11 16l1 1 9-10",
  arrowDown: "M12 5v14M6 13l6 6 6-6",
  clip: "M19.5 11.5 12 19a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-8 8a1.5 1.5 0 0 1-2.1-2.1l7.3-7.2",
  file: "M6 3.5h8l4 4v13H6zM13.5 4v4h4",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.5 18 12 8 18.5z",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5V12l3 2",
  close: "M6 6l12 12M18 6 6 18",
  leave: "M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11M11 8l4 4-4 4",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  logo:
    "M5 4.5h14A1.5 1.5 0 0 1 20.5 6v9a1.5 1.5 0 0 1-1.5 1.5h-7L7.5 20v-3.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5M8 9h8M8 12.5h5",
  menu: "M4 7h16M4 12h16M4 17h16",
  send: "M4 12 20 4l-5 16-3.5-6.5zM11.5 13.5 20 4",
  tick: "M5 12.5l4.5 4.5L19 7.5",
  warning: "M12 4 2.5 20h19zM12 10v4.5M12 17.5h.01",
} as const;

/** The pictures the page knows. */
export type IconName = keyof typeof PATHS;

/** Draws one icon; it is decoration, so a screen reader passes over it. */
export function icon(name: IconName): SVGElement {
  const drawing = document.createElementNS(NAMESPACE, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", PATHS[name]);
  drawing.append(path);
  return drawing;
}
