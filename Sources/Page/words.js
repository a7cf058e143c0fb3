// The words of a text with what each did for the answer.

import { LineChart } from "./chart.js";
import { fill, h } from "./dom.js";
import { percent } from "./format.js";

const drawnWords = 160;

export class WordView {
	constructor() {
		this.list = h("ol.plain.words", { dir: "auto" });
		this.chart = new LineChart({
			label: "Probability of the answer after each word",
			height: 130,
			format: (value) => percent(value, 0),
		});
		this.hint = h("p.faint");
		this.element = h(
			"section.card.why",
			{ hidden: true },
			h("h2", "Why"),
			this.hint,
			this.list,
			h("h3", "As it reads"),
			this.chart.element,
		);
	}

	update(answer) {
		const words = (answer?.explanation ?? []).slice(0, drawnWords);
		this.element.hidden = words.length === 0;
		if (words.length === 0) return;
		const { label } = answer.ranking[0];
		fill(
			this.hint,
			"How much of ",
			h("bdi", label),
			" each word brings: what its score loses without that word. ",
			words.some((word) => word.known === false) ? "Dotted words are unknown to the model." : "",
		);
		const strongest = Math.max(...words.map((word) => Math.abs(word.evidence)), 0.02);
		fill(
			this.list,
			words.map((word) => this.word(word, strongest)),
		);
		const last = words[words.length - 1];
		this.chart.update({
			series: [
				{
					name: label,
					hasDots: words.length <= 40,
					points: words.map((word, x) => ({
						x,
						y: word.trajectory,
						title: `${word.token}: ${percent(word.trajectory)}`,
					})),
				},
			],
			y: { min: 0, max: 1 },
			words: words.map((word) => word.token),
			summary: `${percent(words[0].trajectory)} at first, ${percent(last.trajectory)} at the end`,
		});
	}

	word({ token, evidence, known }, strongest) {
		const strength = Math.abs(evidence) / strongest;
		const sign = evidence < 0 ? "−" : "+";
		const size = Math.abs(evidence * 100).toFixed(1);
		const figure = size === "0.0" ? "0" : `${sign}${size}`;
		const way = evidence < 0 ? "against" : "for";
		const item = h(
			`li.${evidence < 0 ? "against" : "towards"}${known === false ? ".unknown" : ""}`,
			h("span.word", token),
			h("small", { dir: "ltr" }, figure),
			h("span.unseen", ` points ${way} it${known === false ? ", an unknown word" : ""}`),
		);
		item.style.setProperty("--strength", `${Math.round(strength * 100)}%`);
		return item;
	}
}
