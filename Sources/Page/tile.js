import { h } from "./dom.js";

/** A figure with its name, for a list of `dl.tiles`. */
export function tile(name, value) {
  return h("div", null, h("dt", null, name), h("dd", null, value));
}
