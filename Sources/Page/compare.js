// What two versions answer differently, text by text.

import { ask, at } from "./api.js";
import { announce, bdi, button, field, fill, h } from "./dom.js";
import { percent, plural } from "./format.js";
import { doing } from "./notices.js";

const pageSize = 50;

export class Comparison {
	constructor(name) {
		this.name = name;
		this.from = h("select");
		this.to = h("select");
		this.texts = h("textarea", {
			rows: "3",
			dir: "auto",
			placeholder: "One text a line; without any, golden cases and held-out rows",
		});
		this.result = h("div.stack", { "aria-live": "polite" });
		this.element = h(
			"section.card",
			{ id: "compare" },
			h("h2", "Compare two versions"),
			h(
				"form.stack",
				{ onsubmit: (event) => event.preventDefault() },
				h("div.row.fields", field("From", this.from), field("To", this.to)),
				field("On texts of your own", this.texts),
				h("div.row", button("Compare", doing(() => this.run()))),
			),
			this.result,
		);
	}

	update(history) {
		const live = history.find((version) => version.live)?.version;
		const newest = history[0]?.version;
		const other = newest === live ? history[1]?.version : newest;
		for (const [select, wanted] of [
			[this.from, live ?? newest],
			[this.to, other],
		]) {
			const chosen = Number(select.value) || wanted;
			fill(
				select,
				history.map(({ version, live: isLive }) =>
					h("option", { value: version }, `version ${version}${isLive ? " (live)" : ""}`),
				),
			);
			select.value = history.some(({ version }) => version === chosen) ? chosen : wanted;
		}
	}

	async run(from, to) {
		if (from) [this.from.value, this.to.value] = [from, to];
		const pair = { from: Number(this.from.value), to: Number(this.to.value) };
		const texts = this.texts.value.split("\n").map((line) => line.trim()).filter(Boolean);
		const path = at`models/${this.name}/diff`;
		const found = texts.length
			? await ask("POST", path, { json: { ...pair, texts } })
			: await ask("GET", `${path}?from=${pair.from}&to=${pair.to}`);
		this.show(found, 0);
		this.element.scrollIntoView({ block: "start", behavior: "smooth" });
	}

	show(found, first) {
		const said =
			`${plural(found.label_changes, "text")} of ${plural(found.texts, "text")} ` +
			`${found.label_changes === 1 ? "gets" : "get"} another label` +
			(found.fixed || found.broken ? `: ${found.fixed} put right, ${found.broken} spoilt.` : ".");
		announce(said);
		const page = found.changes.slice(first, first + pageSize);
		fill(
			this.result,
			h("p", said),
			page.length > 0 &&
				h(
					"div.scroll",
					{ tabindex: "0", role: "region", "aria-label": "Changes" },
					h(
						"table",
						head(["text", "should be", `version ${found.from}`, `version ${found.to}`]),
						h("tbody", page.map((change) => row(change))),
					),
				),
			found.changes.length > pageSize &&
				h(
					"div.row",
					first > 0 && button("Back", () => this.show(found, first - pageSize)),
					h("span.faint", `from ${first + 1} to ${first + page.length}`),
					first + pageSize < found.changes.length &&
						button("On", () => this.show(found, first + pageSize)),
				),
		);
	}
}

export function head(names) {
	return h(
		"thead",
		h(
			"tr",
			names.map((name) => h("th", { scope: "col" }, name)),
		),
	);
}

function row({ text, expected, before, after }) {
	const cell = (answer) => {
		const isRight = answer.label === [expected].flat().join(", ");
		const kind = expected === null ? "" : isRight ? ".good" : ".wrong";
		const mark = { "": "", ".good": "✓ ", ".wrong": "✗ " }[kind];
		const score = h("small", percent(answer.score, 0));
		return h(`td${kind}`, mark, bdi(answer.label), " ", score);
	};
	return h(
		"tr",
		h("td.text", { dir: "auto" }, text),
		h("td", expected === null ? "–" : bdi(expected)),
		cell(before),
		cell(after),
	);
}
