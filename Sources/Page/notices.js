// Short messages in a corner: what was done, and what was refused and why.

import { isCancelled } from "./api.js";
import { button, h } from "./dom.js";

/** Shows a message; `action` is a button beside it, such as undoing. */
export function notify(text, { kind = "done", action, seconds = 6 } = {}) {
	const box = document.getElementById("notices");
	const close = () => notice.remove();
	const act = () => {
		close();
		action.run();
	};
	const notice = h(
		`div.notice.${kind}`,
		{ role: kind === "wrong" ? "alert" : "status" },
		h("p", { dir: "auto" }, text),
		action && button(action.name, act, "quiet"),
		h("button.quiet.close", { "aria-label": "Close", onclick: close }, "×"),
	);
	while (box.children.length >= 3) box.firstChild.remove();
	box.append(notice);
	if (kind !== "wrong") setTimeout(close, seconds * 1000);
}

/** The sentences of a refusal: its own, and those of the members that are wrong. */
export function sentences(error) {
	const parts = (error.problem?.errors ?? []).slice(0, 5).map((part) => {
		const place = part.pointer ? `${part.pointer}: ` : "";
		return `${place}${part.detail}`;
	});
	return [error.message, ...parts].join(" ");
}

export function complain(error) {
	if (isCancelled(error)) return;
	notify(sentences(error), { kind: "wrong" });
}

/** A listener that asks the server, its button idle meanwhile. */
export function doing(action) {
	return async (event) => {
		const button = event?.currentTarget;
		if (button?.getAttribute?.("aria-busy") === "true") return;
		button?.setAttribute?.("aria-busy", "true");
		try {
			await action(event);
		} catch (error) {
			complain(error);
		} finally {
			button?.removeAttribute?.("aria-busy");
		}
	};
}
