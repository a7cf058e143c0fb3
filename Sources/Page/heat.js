// Numbers between −1 and 1 as a map of colours: one column a word, one row a unit.

import { h } from "./dom.js";

/** Draws on a canvas; the figures of a place are told where the pointer is. */
export class HeatMap {
	constructor(label) {
		this.label = label;
		this.canvas = h("canvas", { role: "img", "aria-label": label });
		this.said = h("p.faint", { "aria-hidden": "true" });
		this.element = h("div.heat", this.canvas, this.said);
		this.canvas.addEventListener("pointermove", (event) => this.point(event));
		this.canvas.addEventListener("pointerleave", () => (this.said.textContent = this.legend));
		this.columns = [];
		new ResizeObserver(() => this.draw()).observe(this.element);
	}

	get legend() {
		return "Blue is positive, orange negative. Point at a place for its value.";
	}

	update(columns, words, summary) {
		Object.assign(this, { columns, words });
		this.canvas.setAttribute("aria-label", `${this.label}: ${summary}`);
		this.said.textContent = this.legend;
		this.draw();
	}

	draw() {
		const rows = this.columns[0]?.length ?? 0;
		const width = this.element.clientWidth;
		if (!rows || !width) return;
		const height = Math.min(Math.max(rows * 5, 80), 320);
		const scale = devicePixelRatio || 1;
		Object.assign(this.canvas, { width: width * scale, height: height * scale });
		this.canvas.style.height = `${height}px`;
		const paint = this.canvas.getContext("2d");
		const style = getComputedStyle(this.element);
		const [positive, negative] = ["--towards", "--against"].map((name) =>
			style.getPropertyValue(name).trim().replaceAll(" ", ","),
		);
		const [columnWidth, rowHeight] = [
			this.canvas.width / this.columns.length,
			this.canvas.height / rows,
		];
		this.columns.forEach((values, column) => {
			values.forEach((value, row) => {
				const strength = Math.min(Math.abs(value), 1);
				paint.fillStyle = `rgba(${value < 0 ? negative : positive},${strength})`;
				const [x, y] = [Math.floor(column * columnWidth), Math.floor(row * rowHeight)];
				paint.fillRect(x, y, Math.ceil(columnWidth) - 1, Math.ceil(rowHeight));
			});
		});
	}

	point(event) {
		const box = this.canvas.getBoundingClientRect();
		const rows = this.columns[0]?.length ?? 0;
		const column = Math.floor(((event.clientX - box.left) / box.width) * this.columns.length);
		const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
		const value = this.columns[column]?.[row];
		if (value !== undefined) {
			this.said.textContent = `“${this.words[column]}”, unit ${row}: ${value.toFixed(3)}`;
		}
	}
}
