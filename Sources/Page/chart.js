// Line charts, drawn at the width that they have, with the figures as a table for those who do not
// see them.

import { fill, h, s } from "./dom.js";

/** Round numbers between two bounds, about so many. */
export function ticks(low, high, about) {
	if (!(high > low)) return [low];
	const raw = (high - low) / Math.max(about, 1);
	const size = 10 ** Math.floor(Math.log10(raw));
	const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((value) => value >= raw);
	const found = [];
	for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) {
		found.push(Number(tick.toPrecision(12)));
	}
	return found;
}

/**
 * A chart of one or several lines.
 *
 * `label` says what it shows; `format` writes a value of the y axis. `update` takes the series:
 * `{ name, style, points: [{ x, y, title }] }`.
 */
export class LineChart {
	constructor({ label, height = 180, format = String, xFormat = String, isLogarithmic = false }) {
		this.label = label;
		this.height = height;
		this.format = format;
		this.xFormat = xFormat;
		this.isLogarithmic = isLogarithmic;
		this.view = s("svg", { role: "img", "aria-label": label });
		this.legend = h("ul.plain.legend");
		this.element = h("figure.chart", this.view, this.legend);
		this.given = null;
		this.watcher = new ResizeObserver(() => this.draw());
		this.watcher.observe(this.element);
	}

	/**
	 * Shows other lines.
	 *
	 * `x` and `y` are `{ min, max }`, each optional; `words` are texts under the points of the x
	 * axis; `summary` is read aloud.
	 */
	update(given) {
		this.given = given;
		this.draw();
	}

	draw() {
		const width = Math.round(this.element.clientWidth);
		if (!this.given || width < 40) return;
		const { series, words, summary, isNamed = series.length > 1 } = this.given;
		this.view.setAttribute("aria-label", summary ? `${this.label}: ${summary}` : this.label);
		const frame = this.frame(width, words);
		this.view.setAttribute("viewBox", `0 0 ${width} ${frame.height}`);
		this.view.setAttribute("height", frame.height);
		fill(
			this.view,
			this.grid(frame),
			words ? this.words(frame, words) : this.numbers(frame),
			series.map((line, index) => this.line(frame, line, index)),
		);
		fill(
			this.legend,
			isNamed &&
				series.map((line, index) =>
					h(
						"li",
						s(
							"svg",
							{ viewBox: "0 0 24 8", "aria-hidden": "true" },
							s(`line.line.${line.style ?? `s${index % 6}`}`, { x1: 1, x2: 23, y1: 4, y2: 4 }),
						),
						h("bdi", line.name),
					),
				),
		);
	}

	frame(width, words) {
		const { series, x = {}, y = {} } = this.given;
		const all = series.flatMap((line) => line.points);
		const points = all.filter((point) => Number.isFinite(point.y));
		const xs = points.map((point) => point.x);
		const scale = this.isLogarithmic ? (value) => Math.log10(Math.max(value, 1e-12)) : Number;
		const ys = points.map((point) => scale(point.y));
		const low = {
			x: x.min ?? least(xs, 0),
			y: y.min !== undefined ? scale(y.min) : least(ys, 0),
		};
		const high = {
			x: x.max ?? most(xs, 1),
			y: y.max !== undefined ? scale(y.max) : most(ys, 1),
		};
		if (this.isLogarithmic) [low.y, high.y] = [Math.floor(low.y), Math.ceil(high.y)];
		if (high.x <= low.x) high.x = low.x + 1;
		if (high.y <= low.y) high.y = low.y + (this.isLogarithmic ? 1 : Math.abs(low.y) * 0.1 || 1);
		const isSlanted = words && words.length * 56 > width;
		const below = words ? (isSlanted ? 64 : 24) : 22;
		const [left, right, top, bottom] = [50, width - 12, 10, this.height];
		return {
			left,
			right,
			top,
			bottom,
			low,
			high,
			isSlanted,
			height: bottom + below,
			x: (value) => left + ((value - low.x) / (high.x - low.x)) * (right - left),
			y: (value) => bottom - ((scale(value) - low.y) / (high.y - low.y)) * (bottom - top),
		};
	}

	grid(frame) {
		const values = this.isLogarithmic
			? ticks(Math.ceil(frame.low.y), Math.floor(frame.high.y), 5)
					.filter(Number.isInteger)
					.map((power) => 10 ** power)
			: ticks(frame.low.y, frame.high.y, 4);
		return values.map((value) => [
			s("line.grid", { x1: frame.left, x2: frame.right, y1: frame.y(value), y2: frame.y(value) }),
			label(frame.left - 8, frame.y(value) + 4, "end", this.format(value)),
		]);
	}

	numbers(frame) {
		const about = Math.max(Math.floor((frame.right - frame.left) / 90), 1);
		const wanted = ticks(frame.low.x, frame.high.x, about).filter(Number.isInteger);
		return wanted.map((value) =>
			label(frame.x(value), frame.bottom + 17, "middle", this.xFormat(value)),
		);
	}

	words(frame, words) {
		const room = (frame.right - frame.left) / Math.max(words.length, 1);
		const step = Math.ceil(14 / Math.max(room, 1));
		return words.map((word, index) => {
			if (index % step) return null;
			const [x, y] = [frame.x(index), frame.bottom + 16];
			const text = shortened(word, 10);
			return frame.isSlanted
				? s("text", { x, y, "text-anchor": "end", transform: `rotate(-42 ${x} ${y})` }, text)
				: label(x, y, "middle", text);
		});
	}

	line(frame, { points, style, hasDots }, index) {
		const name = style ?? `s${index % 6}`;
		const drawn = points.filter((point) => Number.isFinite(point.y));
		const place = ({ x, y }) => `${frame.x(x).toFixed(1)},${frame.y(y).toFixed(1)}`;
		return [
			s(`polyline.line.${name}`, { points: drawn.map(place).join(" ") }),
			(hasDots || drawn.length === 1) &&
				drawn.map((point) =>
					s(
						`circle.dot.${name}`,
						{ cx: frame.x(point.x), cy: frame.y(point.y), r: 4 },
						s("title", point.title ?? this.format(point.y)),
					),
				),
		];
	}
}

function label(x, y, anchor, text) {
	return s("text", { x, y, "text-anchor": anchor }, text);
}

function least(values, other) {
	return values.length ? values.reduce((a, b) => Math.min(a, b)) : other;
}

function most(values, other) {
	return values.length ? values.reduce((a, b) => Math.max(a, b)) : other;
}

export function shortened(text, length) {
	const characters = [...text];
	return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : text;
}
