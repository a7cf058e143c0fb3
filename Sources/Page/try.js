// Try: type, and the answer follows each key.

import { ask, at, isCancelled } from "./api.js";
import { announce, button, fill, h, settled } from "./dom.js";
import { percent, plural } from "./format.js";
import { complain } from "./notices.js";
import { session } from "./session.js";
import { Snippets } from "./snippets.js";
import { Threshold } from "./threshold.js";
import { WordView } from "./words.js";

const shownLabels = 8;
/** A longer text is not explained while somebody types: each word costs two passes. */
const explainedCharacters = 2000;
export const samples = {
	"retail-banking": [
		"I still have not received my new card",
		"why was I charged twice for one payment?",
		"how do I change my PIN",
	],
	mood: ["I am not happy right now", "this is very good"],
};

export class Panel {
	constructor(name) {
		this.name = name;
		this.showsAll = false;
		this.text = h("textarea", {
			id: "text",
			dir: "auto",
			rows: "4",
			placeholder: "Type or paste a text …",
			oninput: () => this.typed(),
			spellcheck: "false",
		});
		this.facts = h("p.faint.facts", { id: "facts" });
		this.text.setAttribute("aria-describedby", "facts");
		this.answer = h("p.answer", { dir: "auto" });
		this.bars = h("ol.plain.bars");
		this.more = h("button.quiet", { hidden: true, onclick: () => this.toggle() });
		this.threshold = new Threshold(() => this.typed());
		this.words = new WordView();
		this.snippets = new Snippets();
		this.say = settled(900, announce);
		this.explain = settled(140, () => this.why());
		this.element = h(
			"div.panel.try",
			h("h1.unseen", `Try ${name}`),
			h(
				"div.column",
				h(
					"section.card.input",
					h("label.h2", { for: "text" }, "Text"),
					this.text,
					this.facts,
					this.sampleChips(),
				),
				this.words.element,
			),
			h(
				"div.column",
				h(
					"section.card.answer-card",
					h("h2", "Answer"),
					this.answer,
					this.bars,
					this.more,
				),
				this.threshold.element,
				this.snippets.element,
			),
		);
		this.text.value = session.draft ?? samples[name]?.[0] ?? "";
		this.card();
		this.typed();
	}

	sampleChips() {
		const texts = samples[this.name] ?? [];
		if (!texts.length) return null;
		const take = (text) => {
			this.text.value = text;
			this.typed();
			this.text.focus();
		};
		return h(
			"div.row.marks",
			texts.map((text) => button(text, () => take(text), "chip")),
		);
	}

	shown() {
		if (session.draft !== null && session.draft !== this.text.value) {
			this.text.value = session.draft;
			this.typed();
		}
		if (matchMedia("(hover: hover)").matches) this.text.focus();
	}

	changed() {
		this.card();
		this.typed();
	}

	back() {
		this.changed();
	}

	/** What the version that serves proves. */
	async card() {
		const version = session.model?.serving_version;
		if (!version || version === this.version) return;
		this.version = version;
		try {
			const card = await ask("GET", at`models/${this.name}/versions/${version}`);
			this.threshold.update(card.metrics);
		} catch (error) {
			complain(error);
		}
	}

	get request() {
		const labels = session.model?.labels.length ?? shownLabels;
		const body = { text: this.text.value, model: this.name };
		body.top_k = this.showsAll ? Math.max(labels, 1) : shownLabels;
		if (this.threshold.value > 0) body.min_confidence = this.threshold.value;
		return body;
	}

	/** Asks again; a request that is under way is cancelled, not waited for. */
	typed() {
		session.draft = this.text.value;
		this.snippets.update(this.request);
		this.explain.cancel();
		this.underWay?.abort();
		if (!session.model?.serving_version) {
			return this.nothing("No version of this model is live yet: teach it first.");
		}
		if (!this.text.value.trim()) return this.nothing("");
		this.underWay = new AbortController();
		this.classify(this.underWay.signal);
	}

	async classify(signal) {
		const start = performance.now();
		try {
			const answer = await this.ask(signal);
			if (signal.aborted) return;
			this.show(answer, performance.now() - start);
			if (this.text.value.length <= explainedCharacters) this.explain();
			else this.words.update(null);
		} catch (error) {
			this.wrong(error);
		}
	}

	/** What is only tried is not remembered for review. */
	ask(signal, more) {
		const json = { ...this.request, ...more, remember: false };
		return ask("POST", "classify", { json, signal });
	}

	async why() {
		const { signal } = this.underWay;
		try {
			this.words.update(await this.ask(signal, { top_k: 1, explain: true }));
		} catch (error) {
			this.wrong(error);
		}
	}

	wrong(error) {
		if (isCancelled(error)) return;
		this.nothing(error.message);
	}

	nothing(sentence) {
		fill(this.answer, sentence);
		fill(this.bars);
		fill(this.facts);
		this.more.hidden = true;
		this.words.update(null);
	}

	show(answer, milliseconds) {
		const { label, abstained, ranking, score = ranking[0].score } = answer;
		fill(
			this.answer,
			h(abstained ? "span.label.held" : "span.label", h("bdi", label)),
			h("span.score", percent(score)),
			abstained && h("span.badge.held", answer.reason ?? "abstains"),
		);
		this.say(`${label}, ${percent(score)}${abstained ? ", abstains" : ""}`);
		this.drawBars(ranking, answer.labels);
		const all = session.model?.labels.length ?? 0;
		this.more.hidden = all <= shownLabels;
		this.more.textContent = this.showsAll ? "Show fewer" : `Show all ${all} labels`;
		const unknown = Math.round(answer.unknown_words * answer.tokens);
		fill(
			this.facts,
			[
				plural(answer.tokens, "token"),
				unknown ? `${unknown} unknown` : null,
				answer.truncated ? "the middle was not read" : null,
				`version ${answer.version}`,
				`${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`,
			]
				.filter(Boolean)
				.join(" · "),
		);
	}

	drawBars(ranking, labels) {
		const threshold = this.threshold.value;
		while (this.bars.children.length > ranking.length) this.bars.lastChild.remove();
		while (this.bars.children.length < ranking.length) {
			const bar = h("span.bar", { "aria-hidden": "true" }, h("i"));
			this.bars.append(h("li", h("bdi"), bar, h("span.figure")));
		}
		ranking.forEach(({ label, score }, index) => {
			const row = this.bars.children[index];
			row.children[0].textContent = label;
			row.children[0].title = label;
			row.children[1].firstChild.style.transform = `scaleX(${score})`;
			row.children[2].textContent = percent(score);
			const isBest = labels?.includes(label) ?? (index === 0 && score >= threshold);
			row.className = isBest ? "best" : "";
		});
	}

	toggle() {
		this.showsAll = !this.showsAll;
		this.typed();
	}
}
