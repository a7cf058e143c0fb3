// Dialogs: a question before what cannot be undone, and a sheet for what is looked at closely.

import { button, h, newID } from "./dom.js";

export function confirmed(title, body, yes) {
	return new Promise((resolve) => {
		const dialog = makeDialog(title, [
			h("div.stack", typeof body === "string" ? h("p", { dir: "auto" }, body) : body),
			h(
				"div.row",
				button(yes, () => dialog.close("yes"), "danger"),
				button("Cancel", () => dialog.close(""), "quiet"),
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
	const close = button("Close", () => dialog.close(), "quiet");
	const dialog = makeDialog(title, [...content, h("div.row", close)]);
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
