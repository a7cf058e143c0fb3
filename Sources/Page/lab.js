// The laboratory: the article's network trained in the browser, as its settings are moved.

import { LineChart } from "./chart.js";
import { announce, button, field, fill, h } from "./dom.js";
import { decimal, percent, significant } from "./format.js";
import { probe, test, training } from "./moods.js";

const shownRuns = 6;
const settings = [
	{ id: "hidden", name: "Hidden size", values: [2, 4, 8, 16, 32, 64, 128], start: 5 },
	{
		id: "rate",
		name: "Learning rate",
		values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
		start: 4,
	},
	{ id: "clip", name: "Clipping", values: [0.01, 0.1, 0.3, 1, 3, 10, Infinity], start: 3 },
	{ id: "epochs", name: "Epochs", values: [10, 30, 100, 200, 500, 1000, 2000], start: 3 },
	{ id: "seed", name: "Seed", values: [1, 2, 3, 4, 5, 6, 7, 8, 9], start: 0 },
];
// The one place where an address becomes code; it is a constant.
const policy = globalThis.trustedTypes?.createPolicy("elman", { createScriptURL: (url) => url });
const script = new URL("./lab-worker.js", import.meta.url).href;

export class Laboratory {
	constructor() {
		this.runs = [];
		this.values = Object.fromEntries(settings.map(({ id, values, start }) => [id, values[start]]));
		this.isSlip = true;
		this.losses = new LineChart({
			label: "Loss by epoch",
			height: 190,
			format: (value) => decimal(value, 2),
		});
		this.lengths = new LineChart({
			label: `Length of the gradient at each word of “${probe.text}”`,
			height: 150,
			format: significant,
			isLogarithmic: true,
		});
		this.check = h("div");
		this.legend = h("ul.plain", { "aria-label": "Runs" });
		this.gradients = [true, false].map((isSlip) =>
			h(
				"button",
				{ onclick: () => this.choose(isSlip) },
				isSlip ? "as published: W2" : "right: the transpose of W2",
			),
		);
		this.element = h(
			"section.card.stack",
			h("h2", "Train the article's network here"),
			h(
				"p.faint",
				`${training.length} sentences, happy or sad, teach it; ${test.length} others test it. `,
				"It runs in this browser. Move something: the runs lie over each other.",
			),
			h("div.row.fields.sliders", settings.map((setting) => this.slider(setting))),
			h(
				"div.row",
				h("span", "Backward pass"),
				h("div.tabs", { role: "group", "aria-label": "Backward pass" }, this.gradients),
				button("Run", () => this.run(), "main"),
				button("Clear", () => this.clear(), "quiet"),
			),
			h("div.pair", h("div", this.losses.element, this.legend), this.equations()),
			h("h3", "How far back the gradient reaches, when trained"),
			this.lengths.element,
		);
		this.draw();
	}

	slider({ id, name, values, start }) {
		const say = (value) => (value === Infinity ? "off" : String(value));
		const said = h("output", say(values[start]));
		const input = h("input", {
			type: "range",
			min: "0",
			max: String(values.length - 1),
			value: String(start),
			"aria-valuetext": say(values[start]),
			oninput: () => {
				this.values[id] = values[Number(input.value)];
				said.textContent = say(this.values[id]);
				input.setAttribute("aria-valuetext", said.textContent);
			},
			onchange: () => this.run(),
		});
		const whole = field(name, input);
		whole.firstChild.append(" ", said);
		return whole;
	}

	equations() {
		const lines = [
			"δₜ = dhₜ ∘ (1 − hₜ²)",
			this.isSlip ? "dhₜ₋₁ = δₜ · W2" : "dhₜ₋₁ = δₜ · W2ᵀ",
			"dW2 = Σ hₜ₋₁ᵀ · δₜ",
		];
		this.backward = h("div", lines.map((line) => h("code.equation", line)));
		return h("div.stack", h("h3", "Backward"), this.backward, this.check);
	}

	choose(isSlip) {
		this.isSlip = isSlip;
		this.backward.children[1].textContent = isSlip ? "dhₜ₋₁ = δₜ · W2" : "dhₜ₋₁ = δₜ · W2ᵀ";
		this.run();
	}

	clear() {
		for (const run of this.runs) run.worker?.terminate();
		this.runs = [];
		this.draw();
	}

	run() {
		const { hidden, rate, clip, epochs, seed } = this.values;
		const worker = new Worker(policy?.createScriptURL(script) ?? script, { type: "module" });
		const run = { worker, losses: [], isSlip: this.isSlip, style: `s${this.count++ % shownRuns}` };
		run.name =
			`${hidden} units, rate ${rate}, ` +
			`clip ${clip === Infinity ? "off" : clip}, seed ${seed}, ${this.isSlip ? "W2" : "W2ᵀ"}`;
		this.runs.push(run);
		while (this.runs.length > shownRuns) this.runs.shift().worker?.terminate();
		worker.onmessage = ({ data }) => {
			Object.assign(run, data);
			if (data.isDone) {
				worker.terminate();
				announce(`${run.name}: ${percent(run.accuracy, 0)} of the test sentences right`);
			}
			this.draw();
		};
		worker.postMessage({ hidden, rate, clip, epochs, seed, isSlip: this.isSlip });
		this.draw();
	}

	count = 0;

	draw() {
		this.gradients.forEach((button, index) =>
			button.setAttribute("aria-pressed", String(this.isSlip === (index === 0))),
		);
		const last = this.runs.at(-1);
		this.losses.update({
			series: this.runs.map(({ losses, style, name }) => ({ name, style, points: losses })),
			y: { min: 0, max: this.runs.length ? undefined : 1 },
			isNamed: false,
			summary: this.runs.map((run) => `${run.name}: ${decimal(run.losses.at(-1)?.y)}`).join("; "),
		});
		fill(
			this.legend,
			this.runs.map(({ name, style, accuracy, isDone }) =>
				h(
					"li.row",
					h(`span.swatch.${style}`, { "aria-hidden": "true" }),
					h("span", name),
					accuracy !== undefined &&
						h("strong", `${percent(accuracy, 0)} right${isDone ? "" : " …"}`),
				),
			),
		);
		const ended = this.runs.filter(({ lengths }) => lengths);
		this.lengths.update({
			series: ended.map(({ name, style, lengths }) => ({
				name,
				style,
				hasDots: true,
				points: lengths.map((y, x) => ({ x, y: Math.max(y, 1e-12) })),
			})),
			words: probe.text.split(" "),
			x: { min: 0, max: probe.numbers.length - 1 },
			y: ended.length ? {} : { min: 1e-3, max: 1 },
			isNamed: false,
		});
		this.drawCheck(last?.check);
	}

	drawCheck(check) {
		if (!check) return fill(this.check, h("p.faint", "Run it to see the check."));
		const cell = ({ error }, isChosen) =>
			h(
				`td.n${error < 1e-4 ? ".good" : ".wrong"}`,
				isChosen ? h("strong", significant(error)) : significant(error),
			);
		return fill(
			this.check,
			h("p.faint", "Largest error against (L(w + ε) − L(w − ε)) / 2ε, before training:"),
			h(
				"table",
				h(
					"thead",
					h("tr", ["", "W2", "W2ᵀ"].map((name) => h("th.n", { scope: "col" }, name))),
				),
				h(
					"tbody",
					check[0].map((right, index) =>
						h(
							"tr",
							h("th", { scope: "row" }, `d${right.name.replace("w", "W")}`),
							cell(check[1][index], this.isSlip),
							cell(right, !this.isSlip),
						),
					),
				),
			),
		);
	}
}
