import { ParleyError } from "../sdk/mod.ts";
import { type Child, element, fill } from "./dom.ts";
import { explain, words } from "./i18n.ts";
import { icon } from "./icons.ts";

/** A dialog over the page. Escape and a click beside it close it; the focus then returns to where it was. */
export type OpenDialog = { element: HTMLDialogElement; close: () => void };

const open = new Set<HTMLDialogElement>();
let count = 0;

/** Opens a dialog; `onClose` is called when it closes, for whatever reason. */
export function openDialog(title: string, body: Child[], kind = "", onClose?: () => void): OpenDialog {
  const id = `dialog-${++count}`;
  const close = () => dialog.close();
  const dialog = element(
    "dialog",
    { class: `dialog ${kind}`, "aria-labelledby": id },
    element(
      "header",
      {},
      element("h2", { id, dir: "auto" }, title),
      element(
        "button",
        { type: "button", class: "square", "aria-label": words().close, on: { click: close } },
        icon("close"),
      ),
    ),
    ...body,
  );
  // The padding is inside: what is hit on the dialog itself is the page behind it.
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  dialog.addEventListener("close", () => {
    open.delete(dialog);
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  open.add(dialog);
  dialog.showModal();
  return { element: dialog, close };
}

/** Closes all dialogs: what they speak of is gone. */
export function closeDialogs(): void {
  for (const dialog of [...open]) dialog.close();
}

/** A field with its label, and a hint below it. */
export function labelled(
  label: string,
  field: HTMLInputElement | HTMLSelectElement,
  hint?: string,
): HTMLElement {
  field.id ||= `field-${++count}`;
  if (hint !== undefined) field.setAttribute("aria-describedby", `${field.id}-hint`);
  return element(
    "div",
    { class: "stack" },
    element("label", { for: field.id }, label),
    field,
    hint !== undefined && element("p", { class: "hint", id: `${field.id}-hint` }, hint),
  );
}

/** A form that does something on the server: busy meanwhile, and with the reason below if it is refused. */
export function actionForm(fields: Child[], label: string, act: () => Promise<void>): HTMLFormElement {
  const problem = element("p", { class: "field-problem", role: "alert" });
  const button = element("button", { type: "submit", class: "primary" }, label);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    fill(problem);
    try {
      await act();
    } catch (error) {
      fill(problem, problemText(error));
    } finally {
      button.disabled = false;
    }
  };
  return element("form", { class: "stack", on: { submit } }, ...fields, problem, button);
}

/** What went wrong, for a person. */
export function problemText(error: unknown): string {
  return explain(error instanceof ParleyError ? error : { code: "internal", message: String(error) });
}
