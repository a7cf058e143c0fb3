// What a training may be told; what is left empty is the recipe's own default.

import { field, h } from "./dom.js";

const recipes = [
	["auto", "auto: chosen by the rows"],
	["article", "article: the network of the article"],
	["linear", "linear: no recurrent path"],
	["mlp"],
	["elman"],
	["gru"],
	["lstm"],
	["minimal_rnn"],
];
const promotions = [
	["if_not_worse", "unless it is proven worse"],
	["if_better", "only if it is proven better"],
	["always", "in any case"],
	["never", "not by itself"],
];

export class TrainingSettings {
	constructor() {
		this.recipe = select(recipes);
		this.promote = select(promotions);
		this.numbers = {
			epochs: number({ min: 1, max: 100000, step: 1, placeholder: "by the recipe" }),
			hidden: number({ min: 1, max: 1024, step: 1, placeholder: "by the recipe" }),
			learning_rate: number({ min: 0.000001, max: 10, step: "any", placeholder: "by the recipe" }),
			seed: number({ min: 0, step: 1, placeholder: "1" }),
		};
		const { epochs, hidden, learning_rate: rate, seed } = this.numbers;
		this.element = h(
			"details",
			h("summary", "Recipe, options, promotion"),
			h(
				"div.row.fields",
				field("Recipe", this.recipe),
				field("Goes live", this.promote),
				field("Epochs", epochs),
				field("Hidden size", hidden),
				field("Learning rate", rate),
				field("Seed", seed),
			),
		);
	}

	get values() {
		const options = this.recipe.value === "auto" ? {} : { recipe: this.recipe.value };
		for (const [name, input] of Object.entries(this.numbers)) {
			if (input.value !== "") options[name] = Number(input.value);
		}
		return { options, promote: this.promote.value };
	}
}

function select(choices) {
	return h(
		"select",
		choices.map(([value, name = value]) => h("option", { value }, name)),
	);
}

function number(attributes) {
	return h("input", { type: "number", ...attributes });
}
