// The examples of a model, page by page: search, filter, relabel, delete, export.

import { ask, at, download, given, isCancelled } from "./api.js";
import { confirmed } from "./dialog.js";
import { bdi, button, field, fill, h, newID, settled } from "./dom.js";
import { count, moment, plural } from "./format.js";
import { complain, doing, notify } from "./notices.js";
import { session } from "./session.js";

const pageSize = 100;
/** Rows of one request in a search: the server has no index of words. */
const searchedRows = 1000;
/** Stands for rows whose label is null; no label begins so. */
const none = "\u001f";

export class Examples {
	constructor(name) {
		this.name = name;
		this.path = at`models/${name}/examples`;
		this.chosen = new Map();
		this.starts = [null];
		const again = settled(250, () => this.first());
		this.search = h("input", { type: "search", dir: "auto", oninput: again });
		this.label = h("select", { onchange: () => this.first() });
		this.source = h(
			"select",
			{ onchange: () => this.first() },
			[["", "all"], ["train", "training"], ["feedback", "feedback"], ["import", "changes"]].map(
				([value, said]) => h("option", { value }, said),
			),
		);
		this.said = h("p.faint", { role: "status" });
		this.body = h("tbody");
		this.all = h("input", { type: "checkbox", "aria-label": "All rows of this page" });
		this.all.addEventListener("change", () => this.chooseAll());
		this.turner = h("div.row");
		this.element = h(
			"section.card.stack",
			{ "aria-labelledby": (this.id = newID()) },
			h("div.row.between", h("h2", { id: this.id }, "Examples"), this.exports()),
			h(
				"div.row.fields",
				field("Search in texts", this.search),
				field("Label", this.label),
				field("Source", this.source),
			),
			this.acts(),
			this.said,
			h(
				"div.scroll.rows",
				{ tabindex: "0", role: "region", "aria-label": "Rows" },
				h(
					"table",
					h(
						"thead",
						h(
							"tr",
							h("th", { scope: "col" }, this.all),
							["text", "label"].map((head) => h("th", { scope: "col" }, head)),
							["source", "since"].map((head) => h("th.more", { scope: "col" }, head)),
						),
					),
					this.body,
				),
			),
			this.turner,
		);
	}

	exports() {
		const one = (format) => {
			const path = () => `${this.path}?${new URLSearchParams({ format, ...this.filter })}`;
			const onclick = doing(() => download(path(), `${this.name}.${format}`, { accept: "*/*" }));
			return button(format.toUpperCase(), onclick, "quiet");
		};
		return h("div.row", h("span.faint", "Export"), ["csv", "tsv", "jsonl"].map(one));
	}

	acts() {
		this.newLabel = h("input", { type: "text", dir: "auto", "aria-label": "New label" });
		const list = h("datalist", { id: newID() });
		this.newLabel.setAttribute("list", list.id);
		this.known = list;
		const relabel = (event) => {
			event.preventDefault();
			doing(() => this.relabel())(event);
		};
		const remove = button("Delete them", doing(() => this.remove()), "danger");
		this.actions = h("div.row", { hidden: true });
		this.count = h("strong");
		const submit = h("button", { type: "submit" }, "Relabel");
		fill(
			this.actions,
			this.count,
			h("form.row", { onsubmit: relabel }, this.newLabel, submit, list),
			remove,
		);
		return this.actions;
	}

	get filter() {
		const filter = {};
		if (this.label.value === none) filter.out_of_scope = "true";
		else if (this.label.value) filter.label = this.label.value;
		if (this.source.value) filter.source = this.source.value;
		return filter;
	}

	load() {
		const chosen = this.label.value;
		const labels = [...(session.model?.labels ?? [])].sort();
		fill(
			this.label,
			h("option", { value: "" }, "all"),
			labels.map((label) => h("option", { value: label }, label)),
			h("option", { value: none }, "none of these"),
		);
		this.label.value = chosen === none || labels.includes(chosen) ? chosen : "";
		fill(
			this.known,
			labels.map((label) => h("option", { value: label })),
		);
		return this.show();
	}

	first() {
		this.starts = [null];
		return this.show();
	}

	async show() {
		this.underWay?.abort();
		const { signal } = (this.underWay = new AbortController());
		if (!session.model) return this.draw([], null, 0);
		try {
			const { rows, next, total } = await this.page(this.starts.at(-1), signal);
			this.draw(rows, next, total);
		} catch (error) {
			if (isCancelled(error)) return;
			if (error.status === 404) return this.draw([], null, 0);
			complain(error);
		}
	}

	/** A page of rows; in a search, as many as it takes to fill one. */
	async page(after, signal) {
		const wanted = this.search.value.trim().toLowerCase();
		const rows = [];
		let total = 0;
		let read = 0;
		do {
			const limit = wanted ? searchedRows : pageSize;
			const query = new URLSearchParams({ ...this.filter, limit });
			if (after) query.set("after", after);
			const page = await ask("GET", `${this.path}?${query}`, { signal });
			total = page.total;
			read += page.examples.length;
			for (const row of page.examples) {
				if (wanted && !row.text.toLowerCase().includes(wanted)) continue;
				if (rows.length === pageSize) return { rows, next: rows.at(-1).id, total };
				rows.push(row);
			}
			after = page.next;
			if (wanted) this.said.textContent = `${count(read)} rows searched, ${rows.length} found`;
		} while (wanted && after);
		return { rows, next: after, total };
	}

	draw(rows, next, total) {
		this.rows = rows;
		this.said.textContent = total
			? `${plural(rows.length, "row")} shown of ${count(total)} in all`
			: "This model has no examples: its versions came from files, or it was never taught.";
		fill(
			this.body,
			rows.map((row) => this.row(row)),
		);
		this.all.checked = false;
		const turn = (starts) => () => {
			this.starts = starts;
			this.show();
		};
		fill(
			this.turner,
			this.starts.length > 1 && button("Back", turn(this.starts.slice(0, -1))),
			this.starts.length > 1 && h("span.faint", `page ${this.starts.length}`),
			next && button("On", turn([...this.starts, next])),
		);
		this.mark();
	}

	row(row) {
		const box = h("input", {
			type: "checkbox",
			checked: this.chosen.has(row.id),
			"aria-label": row.text.slice(0, 80),
			onchange: () => {
				if (box.checked) this.chosen.set(row.id, row);
				else this.chosen.delete(row.id);
				this.mark();
			},
		});
		return h(
			"tr",
			h("td", box),
			h("td.text", { dir: "auto" }, row.text.slice(0, 500)),
			h("td.name", bdi(row.label ?? "none of these")),
			h("td.more", row.source),
			h("td.more", moment(row.added_at)),
		);
	}

	chooseAll() {
		for (const row of this.rows) {
			if (this.all.checked) this.chosen.set(row.id, row);
			else this.chosen.delete(row.id);
		}
		for (const box of this.body.querySelectorAll("input")) box.checked = this.all.checked;
		this.mark();
	}

	mark() {
		this.actions.hidden = this.chosen.size === 0;
		this.count.textContent = `${plural(this.chosen.size, "row")} chosen`;
	}

	async change(json, said, back) {
		await ask("POST", this.path, { json });
		this.chosen.clear();
		await this.show();
		const undo = doing(async () => {
			await ask("POST", this.path, { json: back });
			await this.show();
		});
		notify(said, { action: { name: "Undo", run: undo }, seconds: 12 });
	}

	async relabel() {
		const typed = this.newLabel.value.trim();
		if (!typed) return;
		const label = session.isSet ? typed.split(/ *, */).filter(Boolean) : typed;
		const rows = [...this.chosen.values()];
		await this.change(
			{ examples: rows.map(({ text }) => ({ text, ...given(label) })) },
			`${plural(rows.length, "row")} relabelled.`,
			{ examples: rows.map(before) },
		);
	}

	async remove() {
		const rows = [...this.chosen.values()];
		const said = `${plural(rows.length, "row")}`;
		const text = "Versions that learnt from them stay as they are.";
		if (rows.length > 20 && !(await confirmed(`Delete ${said}?`, text, "Delete"))) return;
		await this.change(
			{ remove: { ids: rows.map(({ id }) => id) } },
			`${said} deleted.`,
			{ examples: rows.map(before) },
		);
	}
}

function before({ text, label, labels }) {
	return { text, ...given(labels ?? label) };
}
