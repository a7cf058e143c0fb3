// Golden cases: texts whose label every version must find before it goes live.

import { ask, at } from "./api.js";
import { bdi, button, field, fill, h, newID } from "./dom.js";
import { plural } from "./format.js";
import { complain, doing, notify } from "./notices.js";
import { read, rowsOf } from "./rows.js";
import { session } from "./session.js";

export class Golden {
	constructor(name) {
		this.path = at`models/${name}/golden`;
		this.cases = [];
		this.said = h("p.faint", { role: "status" });
		this.list = h("ul.plain.golden");
		this.area = h("textarea", { rows: "3", dir: "auto", placeholder: "billing,refund please" });
		const add = button("Add", doing(() => this.add()));
		const id = newID();
		this.element = h(
			"section.card.stack",
			{ "aria-labelledby": id },
			h("h2", { id }, "Golden cases"),
			h("p.faint", "A version that gets one of these wrong does not go live."),
			this.said,
			this.list,
			session.may("promote") && field("Add cases: a label and a text a line", this.area),
			session.may("promote") && h("div.row", add),
		);
	}

	async load() {
		if (!session.model) return;
		try {
			this.show(await ask("GET", this.path));
		} catch (error) {
			complain(error);
		}
	}

	show({ cases, check, version }) {
		this.cases = cases;
		const wrong = new Map((check?.failures ?? []).map((failure) => [failure.text, failure]));
		this.said.textContent = cases.length
			? `${plural(cases.length, "case")}` +
				(check ? `; version ${version} has ${check.passed} right.` : ".")
			: "There are none yet.";
		fill(
			this.list,
			cases.map((item) => {
				const failure = wrong.get(item.text);
				const onclick = doing(() => this.remove(item));
				const name = `Remove ${item.text.slice(0, 80)}`;
				return h(
					"li.row",
					h(failure ? "span.wrong" : "span.good", failure ? "✗ fails" : "✓ passes"),
					h("span.text", { dir: "auto" }, item.text),
					h("span.badge", bdi(item.label ?? "none of these")),
					failure && h("small", "is ", bdi(failure.answer)),
					session.may("promote") &&
						h("button.quiet", { "aria-label": name, onclick }, "×"),
				);
			}),
		);
	}

	async put(cases) {
		this.show(await ask("PUT", this.path, { json: { cases } }));
	}

	async add() {
		if (!this.area.value.trim()) return;
		const { rows, problems } = rowsOf(read(this.area.value));
		if (problems.length) throw new Error(`Line ${problems[0].line}: ${problems[0].detail}.`);
		const texts = new Set(rows.map(({ text }) => text));
		const kept = this.cases.filter(({ text }) => !texts.has(text));
		await this.put([...kept, ...rows.map(({ text, label }) => ({ text, label }))]);
		this.area.value = "";
	}

	async remove(item) {
		const before = this.cases;
		await this.put(before.filter((other) => other !== item));
		const undo = doing(() => this.put(before));
		notify("The case is gone.", { action: { name: "Undo", run: undo } });
	}
}
