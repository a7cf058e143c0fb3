// A training job as it goes, and what came of it.

import { ask, at, isCancelled } from "./api.js";
import { LineChart } from "./chart.js";
import { announce, bdi, button, fill, h } from "./dom.js";
import { decimal, duration, percent, plural } from "./format.js";
import { follow } from "./follow.js";
import { complain, doing, notify } from "./notices.js";
import { reportFrame } from "./report.js";
import { session } from "./session.js";
import { tile } from "./tile.js";

const stages = {
	examining: "Looking at the rows",
	training: "Training",
	judging: "Comparing with the live version",
};

export class Run {
	constructor({ ended }) {
		this.ended = ended;
		this.heading = h("h2");
		this.state = h("p.faint");
		this.bar = h("progress", { max: "1", "aria-label": "Progress" });
		this.cancel = button("Cancel", doing(() => this.stop()), "danger");
		this.chart = new LineChart({
			label: "Training loss by epoch",
			height: 170,
			format: (value) => decimal(value, value < 1 ? 2 : 1),
		});
		this.result = h("div.stack");
		this.element = h(
			"section.card.run",
			{ hidden: true },
			h("div.row.between", this.heading, this.cancel),
			this.state,
			this.bar,
			this.chart.element,
			this.result,
		);
	}

	async watch(job) {
		this.watching?.abort();
		this.watching = new AbortController();
		const { signal } = this.watching;
		Object.assign(this, { job, points: [], attempt: job.attempts });
		this.element.hidden = false;
		fill(this.result);
		fill(this.heading, "Training ", bdi(job.model));
		this.cancel.hidden = this.bar.hidden = false;
		this.chart.element.hidden = true;
		this.show({ state: job.state, stage: job.stage, progress: job.progress });
		try {
			const done = await follow(job.id, signal, (event) => this.show(event));
			if (!signal.aborted) await this.finish(done);
		} catch (error) {
			if (isCancelled(error)) return;
			this.cancel.hidden = this.bar.hidden = true;
			this.state.textContent = error.message;
		}
	}

	show({ state, stage, progress, attempt }) {
		if (attempt && attempt !== this.attempt) [this.attempt, this.points] = [attempt, []];
		const { epoch, epochs, loss, seconds_left: left } = progress ?? {};
		const parts = [
			state === "queued" ? "Waiting for a trainer" : (stages[stage] ?? "Running"),
			epoch && `epoch ${epoch} of ${epochs}`,
			loss && `loss ${decimal(loss)}`,
			left && `about ${duration(left)} left`,
		];
		this.state.textContent = parts.filter(Boolean).join(" · ");
		if (epoch) this.bar.value = epoch / Math.max(epochs, 1);
		else this.bar.removeAttribute("value");
		if (!epoch || !Number.isFinite(loss)) return;
		if (this.points.at(-1)?.x === epoch) this.points.pop();
		this.points.push({ x: epoch, y: loss });
		this.drawSoon();
	}

	/** At most once a frame, however fast the events come. */
	drawSoon() {
		if (this.isDrawing) return;
		this.isDrawing = true;
		requestAnimationFrame(() => {
			this.isDrawing = false;
			this.chart.element.hidden = this.points.length < 2;
			const last = this.points.at(-1);
			if (!last) return;
			this.chart.update({
				series: [{ name: "training rows", points: this.points }],
				y: { min: 0 },
				summary: `${decimal(last.y)} after epoch ${last.x}`,
			});
		});
	}

	async stop() {
		await ask("DELETE", at`train/${this.job.id}`);
	}

	async finish(job) {
		this.job = job;
		this.cancel.hidden = this.bar.hidden = true;
		const seconds = (new Date(job.finished_at) - new Date(job.started_at ?? job.created_at)) / 1000;
		this.state.textContent = `${plural(job.examples, "row")} · ${duration(seconds)}`;
		await session.refresh().catch(complain);
		const said = {
			succeeded: job.promoted ? `Version ${job.version} is live` : `Version ${job.version} waits`,
			failed: "The training failed",
			cancelled: "Cancelled: nothing was changed",
		}[job.state];
		fill(this.heading, said);
		announce(said);
		fill(this.result, this.decision(job), job.version && this.figures(job));
		this.ended(job);
		if (!job.version) return;
		const frame = await reportFrame(job.model, job.version).catch(complain);
		if (frame && this.job === job) this.result.append(frame);
	}

	/** The decision in words, with the button that does the other thing. */
	decision(job) {
		const text = job.error?.detail ?? job.reason ?? "";
		const number = job.version;
		const live = (version, said) =>
			doing(async () => {
				const made = await ask("PUT", at`models/${job.model}/live`, { json: { version } });
				await session.refresh();
				notify(`Version ${made.version} ${said}.`);
			});
		const mayPromote = session.may("promote");
		const tryIt = () => (location.hash = `#/try/${job.model}`);
		return [
			text && h(job.state === "failed" ? "p.wrong" : "p", { dir: "auto" }, text),
			number &&
				h(
					"div.row",
					button("Try it", tryIt, "main"),
					mayPromote && !job.promoted && button("Make it live anyway", live(number, "is live")),
					mayPromote &&
						job.promoted &&
						number > 1 &&
						button("Go back to the version before", live("previous", "answers again")),
				),
		];
	}

	figures({ metrics, added, relabelled, removed }) {
		const scores = metrics?.held_out;
		const best = metrics?.baselines?.find(({ name }) => name === "bag-of-words");
		return h(
			"dl.tiles",
			scores && tile("held-out accuracy", percent(scores.accuracy)),
			scores && tile("macro-F1", decimal(scores.macro_f1)),
			best && tile("a plain baseline", percent(best.accuracy)),
			tile("rows added", String(added ?? 0)),
			relabelled > 0 && tile("relabelled", String(relabelled)),
			removed > 0 && tile("removed", String(removed)),
		);
	}
}
