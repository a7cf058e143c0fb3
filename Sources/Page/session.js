// What the page knows of the server: who asks, which models there are, which one is looked at.

import { ask, line } from "./api.js";

const everything = ["classify", "train", "promote", "admin"];

class Session extends EventTarget {
	access = { tokens: false, name: null, scopes: everything, models: null };
	remembers = 0;
	/** The paths that the server answers. */
	paths = [];
	models = [];
	/** What was typed goes along from model to model, and from Try to Inside. */
	draft = null;
	/** The name of the model that is looked at; empty while there is none. */
	name = "";
	isReached = true;

	async identify() {
		const index = await ask("GET", "");
		this.paths = index.paths;
		if (index.access) this.access = index.access;
		this.remembers = index.remembers ?? 0;
		this.dispatchEvent(new Event("access"));
	}

	/** Whether the token holds a scope; `admin` holds all. */
	may(scope) {
		return this.access.scopes.includes(scope) || this.access.scopes.includes("admin");
	}

	/** Whether nothing can be asked before there is a token. */
	get needsToken() {
		return this.access.tokens && this.access.scopes.length === 0;
	}

	/** The summary of the model; undefined for one that is to be made. */
	get model() {
		return this.models.find((model) => model.model === this.name);
	}

	/** Whether a text may have several labels. */
	get isSet() {
		return this.model?.output === "multi";
	}

	/** The member of an answer that has what is said. */
	get answer() {
		return this.isSet ? "labels" : "label";
	}

	/** Asks for the models again; tells those who listen where something is new. */
	async refresh() {
		const before = JSON.stringify(this.models);
		this.models = (await ask("GET", "models")).models;
		if (JSON.stringify(this.models) !== before) this.dispatchEvent(new Event("models"));
	}

	/** The model that a visit without a name gets. */
	get defaultName() {
		const known = this.models.find((model) => model.default) ?? this.models[0];
		return known?.model ?? "";
	}
}

export const session = new Session();

line.addEventListener("unreachable", () => {
	if (!session.isReached) return;
	session.isReached = false;
	session.dispatchEvent(new Event("line"));
});
line.addEventListener("reached", () => {
	if (session.isReached) return;
	session.isReached = true;
	session.dispatchEvent(new Event("line"));
});
