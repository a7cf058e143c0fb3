// Dialogs: a question before what cannot be undone, and a sheet for what is looked at closely.

import { h, newID } from "./dom.js";

/** Whether the reader says yes. */
export function confirmed(title, body, yes, { isDangerous = true } = {}) {
  return new Promise((resolve) => {
    const dialog = makeDialog(title, [
      h("div.stack", null, typeof body === "string" ? h("p", { dir: "auto" }, body) : body),
      h(
        "div.row",
        null,
        h(
          isDangerous ? "button.danger" : "button.main",
          { type: "button", onclick: () => dialog.close("yes") },
          yes,
        ),
        h("button.quiet", { type: "button", onclick: () => dialog.close("") }, "Cancel"),
      ),
    ]);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

/** Shows something on a sheet of its own until the reader closes it. */
export function sheet(title, ...content) {
  const close = h("button.quiet", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = makeDialog(title, [...content, h("div.row", null, close)]);
  dialog.classList.add("wide");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

function makeDialog(title, content) {
  const heading = h("h2", { id: newID() }, title);
  const dialog = h("dialog.card", { "aria-labelledby": heading.id }, heading, content);
  document.body.append(dialog);
  return dialog;
}
