/** What may stand inside an element; text is always added as text. */
export type Child = Node | string | false | undefined;

type Listeners = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** Attributes by name; `true` writes an empty attribute, `false` and `undefined` write none. */
export type Attributes = Record<string, string | number | boolean | undefined | Listeners> & {
  on?: Listeners;
};

/** Makes an HTML element with attributes, listeners (`on`) and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "object") listen(made, value);
    else setAttribute(made, name, value);
  }
  made.append(...present(children));
  return made;
}

/** Writes, empties or removes one attribute. */
export function setAttribute(
  target: Element,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (value === undefined || value === false) target.removeAttribute(name);
  else target.setAttribute(name, value === true ? "" : String(value));
}

/** Replaces what an element holds. */
export function fill(target: Element, ...children: Child[]): void {
  target.replaceChildren(...present(children));
}

/** Makes text that only a screen reader meets. */
export function spoken(text: string): HTMLElement {
  return element("span", { class: "spoken" }, text);
}

function present(children: Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== false && child !== undefined);
}

function listen(target: HTMLElement, listeners: Listeners): void {
  for (const [type, listener] of Object.entries(listeners)) {
    target.addEventListener(type, listener as EventListener);
  }
}
