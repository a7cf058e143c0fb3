// Teach: rows come in, are shown for correction, and become a version.

import { ask, at } from "./api.js";
import { bdi, button, field, fill, h, newID, settled } from "./dom.js";
import { count, plural } from "./format.js";
import { complain, doing } from "./notices.js";
import { Preview } from "./preview.js";
import { countLabels, decode, read, rowsOf } from "./rows.js";
import { Run } from "./run.js";
import { session } from "./session.js";
import { TrainingSettings } from "./settings.js";

/** Characters that a text area still handles well; more are kept beside it. */
const editableCharacters = 300_000;
const modelForm = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export class Panel {
	constructor(name) {
		this.name = name;
		this.source = "";
		this.wish = {};
		this.typed = [];
		this.model = h("input", {
			type: "text",
			value: name,
			placeholder: "desk",
			spellcheck: "false",
			autocomplete: "off",
			oninput: () => this.draw(),
		});
		this.area = h("textarea", {
			rows: "8",
			dir: "auto",
			spellcheck: "false",
			placeholder: "label,text\nbilling,my invoice is wrong\nbug,the app crashes at start",
			oninput: settled(150, () => this.take(this.area.value)),
		});
		this.note = h("p.faint", { role: "status" });
		this.preview = new Preview((wish) => this.look({ ...this.wish, ...wish }));
		this.settings = new TrainingSettings();
		this.keep = this.keepChoice();
		this.start = button("Start", doing(() => this.train()), "main");
		this.hint = h("p.faint", { id: "start-hint" });
		this.start.setAttribute("aria-describedby", "start-hint");
		this.problems = h("div", { role: "alert" });
		this.run = new Run({ ended: () => this.draw() });
		this.element = h(
			"div.panel.teach",
			h("h1.unseen", `Teach ${name}`),
			h("div.column", this.inputCard(), this.typeCard()),
			h("div.column", this.preview.element, this.startCard()),
			this.run.element,
		);
		this.draw();
	}

	inputCard() {
		const file = h("input.unseen", {
			type: "file",
			tabindex: "-1",
			"aria-label": "File of rows",
			onchange: () => this.open(file.files[0]),
		});
		const card = h(
			"section.card.drop",
			{
				ondragover: (event) => {
					event.preventDefault();
					card.classList.add("over");
				},
				ondragleave: () => card.classList.remove("over"),
				ondrop: (event) => {
					event.preventDefault();
					card.classList.remove("over");
					this.open(event.dataTransfer.files[0]);
				},
			},
			h("h2", "Rows"),
			field("Paste or drop CSV, TSV, JSON lines or fastText", this.area),
			h(
				"div.row",
				button("Choose a file", () => file.click()),
				button("Clear", () => this.clear(), "quiet"),
				file,
			),
			this.note,
		);
		return card;
	}

	typeCard() {
		const known = h("datalist", { id: "known-labels" });
		const label = h("input", { type: "text", list: known.id, autocomplete: "off", dir: "auto" });
		const text = h("input", { type: "text", dir: "auto", autocomplete: "off" });
		this.added = h("ul.plain.added");
		this.known = known;
		const add = (event) => {
			event.preventDefault();
			if (!label.value.trim() || !text.value.trim()) return;
			this.typed.unshift({ label: label.value.trim(), text: text.value.trim() });
			text.value = "";
			text.focus();
			this.draw();
		};
		return h(
			"section.card",
			h("h2", "Or type rows"),
			h(
				"form.row.fields.type",
				{ onsubmit: add },
				field("Label", label),
				field("Text", text),
				h("button", { type: "submit" }, "Add"),
			),
			known,
			this.added,
		);
	}

	keepChoice() {
		const group = newID();
		const radio = (value, name) =>
			h(
				"label.row",
				h("input", { type: "radio", name: group, value, checked: value === "extend" }),
				name,
			);
		return h(
			"fieldset",
			h("legend", "The rows that the model has"),
			radio("extend", "stay, and these are added"),
			radio("replace", "go, and these take their place"),
		);
	}

	startCard() {
		return h(
			"section.card.stack",
			h("h2", "Train"),
			field("Model", this.model, "Small letters, digits, and . _ - between them."),
			this.keep,
			this.settings.element,
			this.problems,
			h("div.row", this.start, this.hint),
		);
	}

	async shown() {
		if (this.run.job || !session.model) return;
		try {
			const { jobs } = await ask("GET", "train?limit=20");
			const open = jobs.find(
				({ model, state }) => model === this.name && ["queued", "running"].includes(state),
			);
			if (open) this.run.watch(open);
		} catch (error) {
			complain(error);
		}
	}

	changed() {
		this.draw();
	}

	async open(file) {
		if (!file) return;
		try {
			const { text, note } = await decode(file);
			this.area.value = text.length <= editableCharacters ? text : "";
			this.take(text);
			fill(this.note, `${file.name}. `, note);
		} catch (error) {
			complain(error);
		}
	}

	take(source) {
		this.source = source;
		fill(this.note);
		this.look({});
	}

	look(wish) {
		this.wish = wish;
		this.reading = this.source.trim() ? read(this.source, wish) : null;
		this.found = this.reading ? rowsOf(this.reading) : { rows: [], problems: [] };
		this.draw();
	}

	clear() {
		this.area.value = "";
		this.typed = [];
		this.take("");
	}

	get rows() {
		return [...(this.found?.rows ?? []), ...this.typed];
	}

	draw() {
		const rows = this.rows;
		const labels = countLabels(rows);
		const known = session.models.find(({ model }) => model === this.model.value);
		this.preview.update(this.reading, this.found, labels);
		this.keep.hidden = !known;
		fill(
			this.added,
			this.typed.slice(0, 50).map((row, index) =>
				h(
					"li.row",
					h("span.badge", { dir: "auto" }, row.label),
					h("span", { dir: "auto" }, row.text),
					h(
						"button.quiet",
						{ "aria-label": `Remove ${row.text}`, onclick: () => this.drop(index) },
						"×",
					),
				),
			),
		);
		const names = new Set([...labels.map(({ label }) => label), ...(known?.labels ?? [])]);
		fill(
			this.known,
			[...names].slice(0, 200).map((label) => h("option", { value: label })),
		);
		const missing = this.missing(rows, labels, known);
		this.start.disabled = missing !== "";
		const said = `${plural(rows.length, "row")}, ${plural(labels.length, "label")}`;
		fill(this.hint, missing || (rows.length ? said : "on the rows that are there"));
	}

	missing(rows, labels, known) {
		if (!this.model.value) return "Name the model.";
		if (!modelForm.test(this.model.value)) return "That is no name of a model.";
		const isAdded = known && this.isExtended;
		if (rows.length === 0) return isAdded ? "" : "Bring rows first.";
		if (!isAdded && labels.length < 2) return "There must be two labels at least.";
		return rows.length > 100_000 ? `${count(rows.length)} rows are more than 100,000.` : "";
	}

	get isExtended() {
		return this.keep.querySelector("[value=extend]").checked;
	}

	drop(index) {
		this.typed.splice(index, 1);
		this.draw();
	}

	async train() {
		fill(this.problems);
		const rows = this.rows;
		const json = {
			model: this.model.value,
			examples: rows.map(({ label, text }) => ({ label, text })),
			...this.settings.values,
		};
		if (!this.keep.hidden) json[this.isExtended ? "extend" : "replace"] = true;
		try {
			const job = await ask("POST", "train", { json });
			this.run.watch(job);
			this.run.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
			session.refresh().catch(complain);
		} catch (error) {
			if (!error.problem?.errors) throw error;
			this.refuse(error, rows);
		}
	}

	/** The rows that the server refuses, by the lines that they came from. */
	refuse(error, rows) {
		fill(
			this.problems,
			h("p.wrong", error.message),
			h(
				"ul",
				error.problem.errors.map(({ pointer, detail }) => {
					const index = Number(/^\/examples\/(\d+)/.exec(pointer)?.[1] ?? NaN);
					const row = rows[index];
					const place = row ? (row.line ? `Line ${row.line}` : "A typed row") : pointer;
					return h("li", `${place}: ${detail} `, row && bdi(row.text.slice(0, 80)));
				}),
			),
		);
	}
}
