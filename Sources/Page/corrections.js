// How many corrections no version has learnt yet, and whether it pays to train them.

import { ask, at } from "./api.js";
import { button, fill, h } from "./dom.js";
import { percent, plural } from "./format.js";
import { doing, notify } from "./notices.js";
import { session } from "./session.js";

/** From so many corrections on, or from such a share of the rows, training pays. */
const payingCount = 10;
const payingShare = 0.02;
const pageSize = 1000;

export class Corrections {
	constructor(name) {
		this.name = name;
		this.number = 0;
		this.total = 0;
		this.said = h("p", { role: "status" });
		const onclick = doing(() => this.train());
		this.button = button("Train with them now", onclick);
		const attributes = { "aria-label": "Corrections" };
		this.element = h("section.card.row.between", attributes, this.said, this.button);
		this.draw();
	}

	/** Counts feedback that came after the newest trained version. */
	async load() {
		if (!session.model) return;
		const { history } = await ask("GET", at`models/${this.name}`);
		const since = history.find(({ source }) => source === "training")?.created_at ?? "";
		const path = at`models/${this.name}/examples`;
		let [number, after, total] = [0, "", 0];
		try {
			do {
				const query = `?source=feedback&limit=${pageSize}${after && `&after=${after}`}`;
				const page = await ask("GET", path + query);
				total = page.total;
				number += page.examples.filter((row) => row.added_at > since).length;
				after = page.next;
			} while (after);
		} catch (error) {
			if (error.status !== 404) throw error;
		}
		Object.assign(this, { number, total });
		this.draw();
	}

	bump(by) {
		this.number = Math.max(this.number + by, 0);
		this.draw();
	}

	draw() {
		const share = this.total ? this.number / this.total : 0;
		const pays = this.number >= payingCount || (this.number > 0 && share >= payingShare);
		fill(
			this.said,
			`${plural(this.number, "correction")} that no version has learnt`,
			this.total > 0 && `, ${percent(share)} of the rows`,
			". ",
			h(
				pays ? "strong.good" : "span.faint",
				pays ? "Training pays now." : `It pays from ${payingCount}, or from 2 % of the rows.`,
			),
		);
		this.button.disabled = this.number === 0;
		this.button.className = pays ? "main" : "";
	}

	async train() {
		await ask("POST", "train", { json: { model: this.name, extend: true } });
		notify("The training has begun.");
		location.hash = `#/teach/${this.name}`;
	}
}
