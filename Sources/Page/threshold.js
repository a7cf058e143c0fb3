// The score from which an answer is acted on, and what the version's card proves of it.

import { fill, h, newID } from "./dom.js";
import { percent } from "./format.js";

/** A slider for `min_confidence`, with the places that the card knows. */
export class Threshold {
	constructor(changed) {
		const id = newID();
		this.slider = h("input", {
			id,
			type: "range",
			min: "0",
			max: "1",
			step: "0.01",
			value: "0",
			oninput: () => {
				this.draw();
				changed(this.value);
			},
		});
		this.said = h("output", { for: id });
		this.marks = h("div.row.marks");
		this.element = h(
			"section.card",
			h("h2", h("label", { for: id }, "Act from a score of "), this.said),
			this.slider,
			this.marks,
		);
		this.coverage = [];
		this.changed = changed;
		this.draw();
	}

	get value() {
		return Number(this.slider.value);
	}

	/** Takes what a version's `metrics` prove: `coverage`, and `out_of_scope` if it has that. */
	update(metrics) {
		this.coverage = metrics?.coverage ?? [];
		const scope = metrics?.out_of_scope;
		fill(
			this.marks,
			this.coverage.map(({ accuracy, threshold, coverage: share }) =>
				h(
					"button.chip",
					{ onclick: () => this.set(threshold) },
					`${percent(accuracy, 0)} right from ${roundedUp(threshold).toFixed(2)}`,
					h("small", `answers ${percent(share, 0)}`),
				),
			),
			scope?.threshold > 0 &&
				h(
					"button.chip",
					{ onclick: () => this.set(scope.threshold) },
					`none of these below ${roundedUp(scope.threshold).toFixed(2)}`,
					h(
						"small",
						`catches ${scope.caught} of ${scope.rows}, ` +
							`loses ${scope.lost} of ${scope.right_answers} right`,
					),
				),
			this.coverage.length === 0 &&
				h(
					"p.faint",
					"This version's card proves no threshold. ",
					"That takes a few hundred rows that it did not learn.",
				),
		);
	}

	set(value) {
		this.slider.value = String(roundedUp(value));
		this.draw();
		this.changed(this.value);
	}

	draw() {
		this.said.textContent = this.value.toFixed(2);
		this.slider.setAttribute("aria-valuetext", this.value.toFixed(2));
	}
}

/** To hundredths, and upwards, so that what is proven holds. */
function roundedUp(score) {
	return Math.min(Math.ceil(score * 100) / 100, 1);
}
