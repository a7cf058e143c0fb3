import { h } from "./dom.js";

/** A figure with its name, for a list of `dl.tiles`. */
export function tile(name, value) {
	return h("div", h("dt", name), h("dd", value));
}
