// Inside: the network unrolled over a text, and a laboratory beside it.

import { ask, isCancelled } from "./api.js";
import { LineChart } from "./chart.js";
import { bdi, field, fill, h, settled } from "./dom.js";
import { decimal, percent, significant } from "./format.js";
import { HeatMap } from "./heat.js";
import { Laboratory } from "./lab.js";
import { session } from "./session.js";
import { samples } from "./try.js";

const equations = {
	elman: ["hₜ = tanh(W1·xₜ + W2·hₜ₋₁ + b2)"],
	gru: [
		"r, z = σ(W·xₜ + U·hₜ₋₁ + b)",
		"n = tanh(Wₙ·xₜ + r ∘ (Uₙ·hₜ₋₁ + c))",
		"hₜ = (1 − z) ∘ n + z ∘ hₜ₋₁",
	],
	lstm: [
		"i, f, o = σ(W·xₜ + U·hₜ₋₁ + b), g = tanh(…)",
		"cₜ = f ∘ cₜ₋₁ + i ∘ g",
		"hₜ = o ∘ tanh(cₜ)",
	],
	minimal_rnn: ["z = tanh(W·xₜ)", "u = σ(U·hₜ₋₁ + V·z + b)", "hₜ = u ∘ hₜ₋₁ + (1 − u) ∘ z"],
};

export class Panel {
	constructor(name) {
		this.name = name;
		const again = settled(120, () => this.look());
		this.text = h("input", {
			type: "text",
			dir: "auto",
			spellcheck: "false",
			value: session.draft ?? samples[name]?.[0] ?? "",
			oninput: again,
		});
		this.target = h("select", { onchange: () => this.look() });
		this.layer = h("select", { onchange: () => this.draw() });
		this.way = h("select", { onchange: () => this.draw() });
		this.said = h("p", { role: "status" });
		this.heat = new HeatMap("Values of the units after each word");
		this.words = h("ol.plain.columns", { "aria-hidden": "true" });
		this.probabilities = new LineChart({
			label: "Probability of the label after each word",
			height: 120,
			format: (value) => percent(value, 0),
		});
		this.gradients = new LineChart({
			label: "Length of the gradient of the loss at each state",
			height: 150,
			format: significant,
			isLogarithmic: true,
		});
		this.formulas = h("div");
		this.views = h(
			"div.stack",
			{ hidden: true },
			h(
				"div.row.fields",
				field("Show", this.layer),
				field("Reading", this.way),
				field("Loss of the label", this.target),
			),
			h("div", this.words, this.heat.element),
			h("h3", "p of the label after each word"),
			this.probabilities.element,
			h("h3", "‖∂L/∂hₜ‖: does the gradient vanish or explode on its way back?"),
			this.gradients.element,
			this.formulas,
		);
		this.laboratory = new Laboratory();
		this.element = h(
			"div.panel",
			h("h1.unseen", `Inside ${name}`),
			h(
				"section.card.stack",
				h("h2", "The network of ", bdi(name), ", unrolled"),
				field("Text", this.text),
				this.said,
				this.views,
			),
			this.laboratory.element,
		);
	}

	shown() {
		this.look();
	}

	changed() {
		this.look();
	}

	back() {
		this.look();
	}

	async look() {
		this.underWay?.abort();
		const { signal } = (this.underWay = new AbortController());
		if (!session.model?.serving_version) return this.nothing("No version of this model is live.");
		if (!this.text.value.trim()) return this.nothing("Type a text.");
		const json = { text: this.text.value, model: this.name };
		if (this.target.value) json.label = this.target.value;
		try {
			this.found = await ask("POST", "inspect", { json, signal });
			this.offer();
			this.draw();
		} catch (error) {
			if (!isCancelled(error)) {
				this.nothing(error.problem?.errors?.[0]?.detail ?? error.message);
			}
		}
	}

	nothing(sentence) {
		this.views.hidden = true;
		this.said.textContent = sentence;
	}

	offer() {
		const { gates, directions } = this.found;
		choices(this.layer, [["", "state hₜ"], ...gates.map((gate) => [gate, `${gate} gate`])]);
		choices(this.way, directions.map(({ direction }) => [direction, direction]));
		this.way.disabled = directions.length < 2;
		const labels = session.model?.labels ?? [];
		choices(this.target, [["", "the answer"], ...labels.map((label) => [label, label])]);
	}

	draw() {
		const { found } = this;
		this.views.hidden = false;
		const { steps } = found.directions.find(({ direction }) => direction === this.way.value);
		const gate = found.gates.indexOf(this.layer.value);
		const words = steps.map(({ token }) => token);
		const norms = steps.map(({ gradient_norm: norm }) => norm);
		fill(
			this.said,
			"It says ",
			bdi(found.label),
			`, ${percent(found.score)}. ${found.hidden} units of kind ${found.cell}; the loss of `,
			bdi(found.target),
			` is ${decimal(found.loss)}.`,
		);
		fill(
			this.words,
			words.map((word) => h("li", { dir: "auto", title: word }, word)),
		);
		const columns = steps.map(({ state, gates }) => (gate < 0 ? state : gates[gate]));
		this.heat.update(columns, words, `${words.length} words, ${found.hidden} units`);
		this.probabilities.update({
			series: [{ name: found.target, hasDots: true, points: pointsOf(steps, "probability") }],
			y: { min: 0, max: 1 },
			words,
			summary: steps.map((step) => percent(step.probability, 0)).join(", "),
		});
		this.gradients.update({
			series: [{ name: "", style: "s1", hasDots: true, points: pointsOf(steps, "gradient_norm") }],
			words,
			summary: norms.map(significant).join(", "),
		});
		fill(
			this.formulas,
			[...equations[found.cell], "L = −ln p", "∂L/∂hₜ₋₁ = (∂hₜ/∂hₜ₋₁)ᵀ · ∂L/∂hₜ + …"].map((line) =>
				h("code.equation", line),
			),
		);
	}
}

function pointsOf(steps, key) {
	const least = key === "gradient_norm" ? 1e-12 : 0;
	return steps.map((step, x) => ({ x, y: Math.max(step[key], least), title: step.token }));
}

function choices(select, pairs) {
	const before = select.value;
	fill(
		select,
		pairs.map(([value, name]) => h("option", { value }, name)),
	);
	select.value = pairs.some(([value]) => value === before) ? before : pairs[0][0];
}
