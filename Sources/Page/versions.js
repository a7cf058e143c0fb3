// Versions: how they score, which is live, and what differs between two.

import { ask, at, download, send } from "./api.js";
import { LineChart } from "./chart.js";
import { Comparison } from "./compare.js";
import { confirmed } from "./dialog.js";
import { bdi, button, fill, h } from "./dom.js";
import { decimal, moment, percent } from "./format.js";
import { complain, doing, notify, sentences } from "./notices.js";
import { openReport } from "./report.js";
import { session } from "./session.js";
import { tile } from "./tile.js";

const sources = { file: "from a file", upload: "uploaded", training: "trained" };

export class Panel {
	constructor(name) {
		this.name = name;
		this.history = [];
		this.chart = new LineChart({
			label: "Held-out accuracy and macro-F1 by version",
			height: 170,
			format: (value) => percent(value, 0),
			xFormat: (value) => `v${value}`,
		});
		this.figures = h("section.card", h("h2", "Over the versions"), this.chart.element);
		this.list = h("ul.plain");
		this.actions = h("div.row");
		this.compare = new Comparison(name);
		this.element = h(
			"div.panel.versions",
			h("div.row.between", h("h1", "Versions of ", bdi(name)), this.actions),
			this.figures,
			h("section", { "aria-label": "Versions" }, this.list),
			this.compare.element,
		);
	}

	shown() {
		this.load().catch(complain);
	}

	changed() {
		this.shown();
	}

	back() {
		this.shown();
	}

	async load() {
		if (!session.model) return this.empty();
		const card = await ask("GET", at`models/${this.name}`);
		const isNew = JSON.stringify(card) !== this.card;
		this.card = JSON.stringify(card);
		this.history = card.history;
		this.shadow = card.shadow_version;
		if (!this.history.length) return this.empty();
		if (isNew || !this.list.children.length) this.draw();
	}

	empty() {
		this.figures.hidden = true;
		this.compare.element.hidden = true;
		this.drawActions();
		const text = "There is no version yet. Teach the model, or upload a checkpoint.";
		fill(this.list, h("li.card", h("p", text)));
	}

	get live() {
		return this.history.find((version) => version.live);
	}

	draw() {
		const scored = this.history.filter((version) => version.metrics?.held_out).reverse();
		this.figures.hidden = scored.length < 2;
		const points = (key) =>
			scored.map(({ version, metrics }) => ({
				x: version,
				y: metrics.held_out[key],
				title: `version ${version}: ${percent(metrics.held_out[key])}`,
			}));
		const last = scored.at(-1);
		this.chart.update({
			series: [
				{ name: "accuracy", points: points("accuracy"), hasDots: true },
				{ name: "macro-F1", points: points("macro_f1"), hasDots: true },
			],
			y: { max: 1 },
			summary: last && `version ${last.version} has ${percent(last.metrics.held_out.accuracy)}`,
		});
		this.drawActions();
		fill(
			this.list,
			this.history.map((version) => this.item(version)),
		);
		this.compare.element.hidden = this.history.length < 2 || !session.may("train");
		this.compare.update(this.history);
	}

	drawActions() {
		const before = this.live?.parent;
		const canReturn = before && this.history.some((version) => version.version === before);
		const file = h("input", {
			type: "file",
			accept: ".json,application/json",
			class: "unseen",
			tabindex: "-1",
			"aria-label": "Checkpoint file",
			onchange: () => this.upload(file.files[0]).catch(complain),
		});
		const back = doing(() => this.rollBack());
		fill(
			this.actions,
			canReturn && session.may("promote") && button(`Roll back to version ${before}`, back),
			session.may("train") && [button("Upload a checkpoint", () => file.click()), file],
		);
	}

	item(version) {
		const { number = version.version, metrics } = version;
		const scores = metrics?.held_out;
		return h(
			version.live ? "li.card.live" : "li.card",
			h(
				"div.row.between",
				h(
					"h2",
					`Version ${number} `,
					version.live && h("span.badge.good", "live"),
					version.pinned && h("span.badge", "pinned"),
					this.shadow === number && h("span.badge", "in shadow"),
				),
				h("span.faint", `${sources[version.source]} ${moment(version.created_at)}`),
			),
			h(
				"dl.tiles",
				tile("held-out accuracy", percent(scores?.accuracy)),
				tile("macro-F1", decimal(scores?.macro_f1)),
				tile("held-out rows", scores ? String(scores.rows) : "–"),
				tile("training rows", metrics?.train ? String(metrics.train.rows) : "–"),
				),
			version.reason && h("p.faint", { dir: "auto" }, version.reason),
			h("div.row.acts", this.buttons(version)),
		);
	}

	buttons(version) {
		const { version: number } = version;
		const path = at`models/${this.name}/versions/${number}`;
		const act = (name, action, kind = "quiet") => {
			const made = button(name, doing(action), kind);
			made.setAttribute("aria-label", `${name}: version ${number}`);
			return made;
		};
		const file = `${this.name}-${number}.json`;
		const [mayTrain, mayPromote] = [session.may("train"), session.may("promote")];
		return [
			mayPromote && !version.live && act("Make live", () => this.makeLive(number), "act"),
			mayTrain &&
				version.source === "training" &&
				act("Report", () => openReport(this.name, number)),
			mayTrain &&
				this.live &&
				!version.live &&
				act("Compare with live", () => this.compare.run(this.live.version, number)),
			mayPromote &&
				this.live &&
				!version.live &&
				act(this.shadow === number ? "End shadow" : "Shadow", () => this.follow(number)),
			mayTrain && act("Download", () => download(`${path}/checkpoint`, file)),
			mayPromote && act(version.pinned ? "Unpin" : "Pin", () => this.pin(version, path)),
			mayPromote &&
				!version.live &&
				!version.pinned &&
				act("Delete", () => this.remove(number, path), "quiet.danger"),
		];
	}

	async makeLive(number, { force = false, before = this.live?.version } = {}) {
		try {
			const json = force ? { version: number, force } : { version: number };
			const made = await ask("PUT", at`models/${this.name}/live`, { json });
			await this.changedAll();
			const undo = doing(() => this.makeLive(before, { before: number }));
			notify(`Version ${made.version} answers now.`, {
				action: before && { name: "Undo", run: undo },
			});
		} catch (error) {
			if (error.code !== "golden_failed") throw error;
			const failures = error.problem.golden.failures;
			const body = [
				h("p", sentences(error)),
				h(
					"ul",
					failures
						.slice(0, 8)
						.map(({ text, label, answer }) =>
							h("li", bdi(text), ": must be ", bdi(label), ", is ", bdi(answer)),
						),
				),
			];
			if (await confirmed(`Version ${number} fails golden cases`, body, "Make it live anyway")) {
				await this.makeLive(number, { force: true, before });
			}
		}
	}

	async rollBack() {
		const before = this.live.version;
		const json = { version: "previous" };
		const made = await ask("PUT", at`models/${this.name}/live`, { json });
		await this.changedAll();
		notify(`Version ${made.version} answers again.`, {
			action: { name: "Undo", run: doing(() => this.makeLive(before, { before: made.version })) },
		});
	}

	async pin(version, path) {
		await send(version.pinned ? "DELETE" : "PUT", `${path}/pin`);
		await this.load();
	}

	async follow(version) {
		const path = at`models/${this.name}/shadow`;
		if (this.shadow === version) await send("DELETE", path);
		else await ask("PUT", path, { json: { version } });
		await this.load();
	}

	async remove(number, path) {
		const text = `Version ${number} goes from the disk. Its number is not used again.`;
		if (!(await confirmed(`Delete version ${number}?`, text, "Delete"))) return;
		await send("DELETE", path);
		await this.changedAll();
	}

	async upload(file) {
		if (!file) return;
		const options = { body: file, type: "application/json" };
		const made = await ask("POST", at`models/${this.name}/versions`, options);
		await this.changedAll();
		notify(`${file.name} is version ${made.version}${made.live ? ", and live" : ""}.`);
	}

	async changedAll() {
		await Promise.all([session.refresh(), this.load()]);
	}
}

