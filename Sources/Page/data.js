// Data: the examples that a model learns from, and the golden cases that hold it.

import { bdi, h } from "./dom.js";
import { Examples } from "./examples.js";
import { Golden } from "./golden.js";

export class Panel {
	constructor(name) {
		this.parts = [new Examples(name), new Golden(name)];
		this.element = h(
			"div.panel",
			h("h1", "Data of ", bdi(name)),
			this.parts.map((part) => part.element),
		);
	}

	shown() {
		for (const part of this.parts) part.load();
	}

	back() {
		this.shown();
	}
}
