// Review: one text, one key, one decision.

import { ask, at, given } from "./api.js";
import { announce, bdi, fill, h } from "./dom.js";
import { percent } from "./format.js";
import { complain, doing } from "./notices.js";
import { Corrections } from "./corrections.js";
import { session } from "./session.js";

const remembered = 50;
/** A decision is sent when the next one comes, or after so many milliseconds. */
const patience = 6000;
const digits = "123456789";

const orders = [
	{ id: "uncertain", name: "Least sure" },
	{ id: "margin", name: "Closest calls" },
	{ id: "random", name: "At random" },
];
const findings = [
	{ id: "suspects", name: "Suspected labels" },
	{ id: "mistakes", name: "Surest mistakes" },
];

export class Panel {
	constructor(name) {
		this.name = name;
		this.queue = [];
		this.seen = new Set();
		this.done = [];
		this.pending = null;
		this.sources = h("div.tabs", { role: "group", "aria-label": "Which texts" });
		this.text = h("p.review-text", { dir: "auto", tabindex: "-1" });
		this.why = h("p.faint", { dir: "auto" });
		this.choices = h("ol.plain.choices");
		this.other = h("input", {
			type: "text",
			dir: "auto",
			autocomplete: "off",
			placeholder: "another label",
			"aria-label": "Another label",
		});
		this.known = h("datalist", { id: `labels-of-${name}` });
		this.other.setAttribute("list", this.known.id);
		const choose = (event) => {
			event.preventDefault();
			const label = this.other.value.trim();
			if (!label) return;
			this.other.value = "";
			this.choose(label);
		};
		const use = h("button", { type: "submit" }, "Use it");
		this.form = h("form.row", { onsubmit: choose }, this.other, use, this.known);
		this.skipper = this.key("Skip", "S", () => this.skip());
		this.undoer = this.key("Undo", "U", () => this.undo());
		this.taker = this.key("Take the marked", "Enter", () => this.take());
		this.corrections = new Corrections(name);
		this.card = h(
			"section.card.stack",
			{ "aria-label": "Text to decide on" },
			this.why,
			this.text,
			this.choices,
			h("div.row.between", this.form, h("div.row", this.taker, this.undoer, this.skipper)),
			h("p.faint", "A digit chooses a label, S skips, U takes back, / types another label."),
		);
		this.element = h(
			"div.panel",
			h("div.row.between", h("h1", "Review ", bdi(name)), this.sources),
			this.card,
			this.corrections.element,
		);
		this.listen = (event) => this.pressed(event);
		addEventListener("pagehide", () => this.flush(true));
	}

	key(name, letter, action) {
		const cap = h("kbd", { "aria-hidden": "true" }, letter);
		return h("button", { onclick: () => action() }, name, cap);
	}

	async shown() {
		document.addEventListener("keydown", this.listen);
		if (!this.source) {
			const offered = session.remembers > 0 && session.paths.includes("/predictions");
			this.offered = offered ? [...orders, ...findings] : findings;
			for (const { id } of this.offered) {
				await this.look(id);
				if (this.item || this.source !== id) break;
			}
		}
		this.corrections.load();
	}

	hidden() {
		document.removeEventListener("keydown", this.listen);
		this.flush();
	}

	back() {
		this.shown();
	}

	async look(id) {
		this.source = id;
		this.queue = [];
		fill(this.text);
		fill(
			this.sources,
			this.offered.map((source) =>
				h(
					"button",
					{
						"aria-pressed": String(source.id === id),
						onclick: () => this.look(source.id),
					},
					source.name,
				),
			),
		);
		try {
			await this.more();
			if (this.source === id) await this.show();
		} catch (error) {
			complain(error);
		}
	}

	async more() {
		const { source } = this;
		const found = orders.some(({ id }) => id === source)
			? await this.predictions()
			: await this.findings();
		if (source !== this.source) return;
		this.queue = found.filter(({ key }) => !this.seen.has(key));
	}

	async predictions() {
		const query = new URLSearchParams({ order: this.source, model: this.name, limit: "50" });
		const { predictions } = await ask("GET", `predictions?${query}`);
		return predictions.map(({ prediction_id: id, text, label, labels, score }) => ({
			key: id,
			id,
			text,
			marked: labels,
			why: ["The model said ", bdi(label), `, ${percent(score)} sure.`],
		}));
	}

	/** What the newest report found: labels that look wrong, and sure mistakes. */
	async findings() {
		if (!session.model) return [];
		const { history } = await ask("GET", at`models/${this.name}`);
		const newest = history.find(({ source }) => source === "training");
		if (!newest) return [];
		const path = at`models/${this.name}/versions/${newest.version}`;
		const { report } = await ask("GET", path);
		const isSure = this.source === "mistakes";
		const rows = isSure ? report?.mistakes : report?.data?.likely_mislabelled?.rows;
		// A text that was cut for the report is no row.
		return (rows ?? [])
			.filter(({ text }) => !text.endsWith("…"))
			.map(({ text, label, labels, answer, score, suggestion }) => ({
				key: `row ${text}`,
				text,
				was: labels ?? label,
				marked: labels ?? [label],
				why: isSure
					? ["Labelled ", bdi(label), "; the model says ", bdi(answer), `, ${percent(score)} sure.`]
					: ["Labelled ", bdi(label), "; the other rows say ", bdi(suggestion), "."],
			}));
	}

	get item() {
		return this.queue[0];
	}

	async show() {
		const { item } = this;
		this.undoer.disabled = this.done.length === 0;
		for (const part of [this.form, this.skipper, this.taker]) part.inert = !item;
		this.taker.hidden = !session.isSet;
		if (!item) return this.nothing();
		fill(this.text, item.text);
		fill(this.why, item.why);
		announce(item.text);
		const labels = await this.labelsFor(item);
		if (this.item !== item) return;
		this.offers = labels;
		this.marked = new Set(item.marked);
		this.draw();
	}

	draw() {
		fill(
			this.choices,
			this.offers.map(({ label, score }, index) =>
				h(
					"li",
					h(
						"button",
						{
							onclick: () => this.choose(label),
							"aria-pressed": session.isSet ? String(this.marked.has(label)) : null,
						},
						index < digits.length && h("kbd", { "aria-hidden": "true" }, digits[index]),
						bdi(label),
						score !== undefined && h("small", percent(score, 0)),
					),
				),
			),
		);
		fill(
			this.known,
			(session.model?.labels ?? []).map((label) => h("option", { value: label })),
		);
	}

	/** Decides; where a text may have several labels, marks one or takes its mark away. */
	choose(label) {
		if (!session.isSet) return this.decide(label);
		if (!this.marked.delete(label)) this.marked.add(label);
		if (!this.offers.some((offer) => offer.label === label)) this.offers.push({ label });
		this.draw();
	}

	take() {
		if (session.isSet && this.item) this.decide([...this.marked]);
	}

	/** Few labels keep their keys; of many the most probable ones get the digits. */
	async labelsFor(item) {
		const labels = session.model?.labels ?? [];
		if (!session.may("classify") || !session.model?.serving_version) {
			return labels.slice(0, digits.length).map((label) => ({ label }));
		}
		if (labels.length > digits.length) this.offers = [];
		const { text } = item;
		const json = { text, model: this.name, top_k: digits.length, remember: false };
		const { ranking } = await ask("POST", "classify", { json });
		const scores = new Map(ranking.map(({ label, score }) => [label, score]));
		if (labels.length > digits.length) {
			const others = (item.marked ?? []).filter((label) => !scores.has(label));
			const best = ranking.slice(0, digits.length - others.length);
			return [...best, ...others.map((label) => ({ label }))];
		}
		return labels.map((label) => ({ label, score: scores.get(label) }));
	}

	nothing() {
		this.offers = [];
		fill(this.choices);
		fill(this.text, "Nothing is left to look at here.");
		const isMemory = orders.some(({ id }) => id === this.source);
		fill(
			this.why,
			isMemory
				? "Answers of the last requests appear here."
				: "The report of the newest trained version has no such rows.",
			!session.remembers && " Start the server with --remember N to look at what it answers.",
		);
	}

	pressed(event) {
		const isTyping = event.target.closest("input, textarea, select, dialog");
		if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
		const offer = this.offers?.[digits.indexOf(event.key)];
		const actions = { s: () => this.skip(), u: () => this.undo(), "/": () => this.other.focus() };
		if (!event.target.closest("button, a")) actions.enter = () => this.take();
		const action = offer ? () => this.choose(offer.label) : actions[event.key.toLowerCase()];
		if (!action) return;
		event.preventDefault();
		action();
	}

	decide(label) {
		const { item } = this;
		if (!item) return;
		this.flush();
		this.pending = { item, label };
		this.timer = setTimeout(() => this.flush(), patience);
		this.corrections.bump(1);
		this.next({ item, label, entry: this.pending });
		announce(`${label}. ${this.item ? this.item.text : "Nothing is left."}`);
	}

	skip() {
		if (this.item) this.next({ item: this.item });
	}

	next(step) {
		this.seen.add(step.item.key);
		this.done.push(step);
		if (this.done.length > remembered) this.done.shift();
		this.queue.shift();
		if (!this.item) this.more().then(() => this.show()).catch(complain);
		else this.show().catch(complain);
	}

	async flush(isLeaving = false) {
		clearTimeout(this.timer);
		const entry = this.pending;
		this.pending = null;
		if (!entry) return;
		const { item, label } = entry;
		const what = item.id ? { prediction_id: item.id } : { model: this.name, text: item.text };
		const json = { ...what, ...given(label) };
		try {
			entry.sent = ask("POST", "feedback", { json, keepalive: isLeaving });
			entry.result = await entry.sent;
		} catch (error) {
			this.corrections.bump(-1);
			this.seen.delete(item.key);
			this.queue.unshift(item);
			this.show().catch(complain);
			complain(error);
		}
	}

	/** Takes the last step back, also one that was sent. */
	async undo() {
		const step = this.done.pop();
		if (!step) return;
		const { item, entry } = step;
		if (entry && entry === this.pending) {
			clearTimeout(this.timer);
			this.pending = null;
		} else if (entry) {
			await doing(() => this.takeBack(entry))();
		}
		if (entry) this.corrections.bump(-1);
		this.seen.delete(item.key);
		this.queue.unshift(item);
		await this.show().catch(complain);
	}

	async takeBack({ item, sent }) {
		const { added, relabelled } = await sent;
		const path = at`models/${this.name}/examples`;
		if (added) await ask("POST", path, { json: { remove: { texts: [item.text] } } });
		else if (relabelled && item.was) {
			await ask("POST", path, { json: { examples: [{ text: item.text, ...given(item.was) }] } });
		}
	}
}

