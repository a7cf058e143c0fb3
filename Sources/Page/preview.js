// Rows as they were understood, to be corrected before anything is sent.

import { bdi, button, field, fill, h } from "./dom.js";
import { count, plural } from "./format.js";

const shownRows = 6;
const shownProblems = 8;
const shownLabels = 12;

export class Preview {
	constructor(changed) {
		this.label = h("select", { onchange: () => changed({ label: Number(this.label.value) }) });
		this.text = h("select", { onchange: () => changed({ text: Number(this.text.value) }) });
		this.header = h("input", {
			type: "checkbox",
			onchange: () => changed({ hasHeader: this.header.checked }),
		});
		this.headerRow = h("label.row", this.header, "The first row names the columns");
		this.said = h("p.faint");
		this.table = h("div.scroll", { tabindex: "0", role: "region", "aria-label": "First rows" });
		this.labels = h("ol.plain.bars");
		this.more = h("p.faint");
		this.problems = h("div.problems");
		const swap = () => changed({ label: Number(this.text.value), text: Number(this.label.value) });
		this.element = h(
			"section.card.stack",
			{ hidden: true, "aria-label": "Rows as they were understood" },
			h("h2", "As it was understood"),
			this.said,
			(this.columns = h(
				"div.row.fields",
				field("Labels are in", this.label),
				field("Texts are in", this.text),
				button("Swap", swap, "quiet"),
			)),
			this.headerRow,
			this.table,
			this.problems,
			h("h3", "Labels"),
			this.labels,
			this.more,
		);
	}

	update(reading, found, labels) {
		this.element.hidden = labels.length === 0 && !reading;
		for (const part of [this.columns, this.table, this.said]) part.hidden = !reading;
		this.headerRow.hidden = reading?.hasHeader === undefined;
		if (reading) this.show(reading, found);
		fill(this.problems, found?.problems.length > 0 && this.faults(found.problems));
		const most = labels[0]?.rows ?? 1;
		fill(
			this.labels,
			labels.slice(0, shownLabels).map(({ label, rows }) => {
				const bar = h("i");
				bar.style.transform = `scaleX(${rows / most})`;
				const figure = h("span.figure", count(rows));
				return h("li.best", bdi(label), h("span.bar", bar), figure);
			}),
		);
		const rest = labels.length - shownLabels;
		const few = labels.filter(({ rows }) => rows < 5).length;
		fill(
			this.more,
			rest > 0 && `and ${plural(rest, "other label")}. `,
			few > 0 && `${plural(few, "label")} with fewer than 5 rows.`,
		);
	}

	show(reading, found) {
		this.said.textContent = `${reading.format}: ${plural(found.rows.length, "row")}`;
		for (const [select, chosen] of [
			[this.label, reading.label],
			[this.text, reading.text],
		]) {
			fill(
				select,
				reading.columns.map((name, index) => h("option", { value: index }, name)),
			);
			select.value = String(chosen);
		}
		this.header.checked = reading.hasHeader ?? false;
		const kind = (index) =>
			index === reading.label ? "label" : index === reading.text ? "text" : "ignored";
		fill(
			this.table,
			h(
				"table",
				h(
					"thead",
					h(
						"tr",
						reading.columns.map((name, index) =>
							h(`th.${kind(index)}`, { scope: "col" }, bdi(name), ` · ${kind(index)}`),
						),
					),
				),
				h(
					"tbody",
					reading.records.slice(0, shownRows).map(({ cells }) =>
						h(
							"tr",
							reading.columns.map((_, index) =>
								h(`td.${kind(index)}`, { dir: "auto" }, (cells[index] ?? "").slice(0, 160)),
							),
						),
					),
				),
			),
		);
	}

	faults(problems) {
		const rest = problems.length - shownProblems;
		return [
			h("p.held", `${plural(problems.length, "row")} will be left out:`),
			h(
				"ul",
				problems
					.slice(0, shownProblems)
					.map(({ line, detail }) => h("li", `line ${line}: ${detail}`)),
				rest > 0 && h("li", `and ${count(rest)} more`),
			),
		];
	}
}
