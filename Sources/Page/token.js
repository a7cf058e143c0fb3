// Asks for a token, in a dialog, and keeps it for this tab.

import { ask, setToken, token } from "./api.js";
import { button, field, h } from "./dom.js";

export function askToken() {
	return new Promise((resolve) => {
		const input = h("input", {
			type: "password",
			autocomplete: "off",
			spellcheck: "false",
			required: true,
			placeholder: "elman-…",
		});
		const wrong = h("p.wrong", { role: "alert" });
		const dialog = h("dialog.card", { "aria-labelledby": "token-title" });
		const close = (isGood) => {
			dialog.close();
			dialog.remove();
			resolve(isGood);
		};
		const forget = () => {
			setToken("");
			close(true);
		};
		const take = async (event) => {
			event.preventDefault();
			const before = token();
			setToken(input.value.trim());
			try {
				const { access } = await ask("GET", "");
				if (!access || access.scopes.length > 0) return close(true);
				wrong.textContent = "That token is not good here.";
			} catch (error) {
				wrong.textContent = error.message;
			}
			setToken(before);
			input.select();
		};
		dialog.append(
			h("h2", { id: "token-title" }, "This server asks for a token"),
			h("p.faint", "“server token NAME --scope …” makes one. Only this tab keeps it."),
			h(
				"form.stack",
				{ onsubmit: take },
				field("Token", input),
				wrong,
				h(
					"div.row",
					h("button.main", { type: "submit" }, "Use it"),
					token() && button("Forget mine", forget),
					button("Not now", () => close(false), "quiet"),
				),
			),
		);
		dialog.addEventListener("cancel", () => close(false));
		document.body.append(dialog);
		dialog.showModal();
		input.focus();
	});
}
