// The request that the page just made, for other programs to make it.

import { base, token } from "./api.js";
import { button, fill, h, newID } from "./dom.js";
import { complain, notify } from "./notices.js";
import { session } from "./session.js";

const languages = [
	{ name: "curl", write: curl },
	{ name: "Python", write: python },
	{ name: "JavaScript", write: javaScript },
];

export class Snippets {
	constructor() {
		this.current = 0;
		this.body = {};
		this.code = h("code");
		this.panelID = newID();
		this.tabs = languages.map(({ name }, index) =>
			h(
				"button",
				{
					role: "tab",
					"aria-controls": this.panelID,
					onclick: () => this.choose(index),
					onkeydown: (event) => this.step(event),
				},
				name,
			),
		);
		this.element = h(
			"section.card",
			h(
				"div.row.between",
				h("div.tabs", { role: "tablist", "aria-label": "The same from a program" }, this.tabs),
				button("Copy", () => this.copy(), "quiet"),
			),
			h(
				"pre",
				{ id: this.panelID, role: "tabpanel", tabindex: "0", "aria-label": "Request" },
				this.code,
			),
		);
		this.choose(0);
	}

	update(body) {
		this.body = body;
		this.draw();
	}

	choose(index) {
		this.current = index;
		this.tabs.forEach((tab, place) => {
			tab.setAttribute("aria-selected", String(place === index));
			tab.tabIndex = place === index ? 0 : -1;
		});
		this.draw();
	}

	step(event) {
		const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
		if (!by) return;
		this.choose((this.current + by + languages.length) % languages.length);
		this.tabs[this.current].focus();
	}

	draw() {
		fill(this.code, languages[this.current].write(new URL("classify", base).href, this.body));
	}

	async copy() {
		try {
			await navigator.clipboard.writeText(this.code.textContent);
			notify("Copied.", { seconds: 2 });
		} catch {
			getSelection().selectAllChildren(this.code);
			complain(new Error("The browser does not let this page copy; the text is selected."));
		}
	}
}

function curl(url, body) {
	const quoted = JSON.stringify(body).replaceAll("'", "'\\''");
	return [
		`curl ${url} \\`,
		...(token() ? ['  -H "Authorization: Bearer $ELMAN_TOKEN" \\'] : []),
		"  -H 'Content-Type: application/json' \\",
		`  -d '${quoted}'`,
	].join("\n");
}

function python(url, body) {
	const fields = ['"Content-Type": "application/json"'];
	if (token()) fields.unshift('"Authorization": "Bearer " + os.environ["ELMAN_TOKEN"]');
	return [
		`import json, ${token() ? "os, " : ""}urllib.request`,
		"",
		`body = ${pythonValue(body)}`,
		"request = urllib.request.Request(",
		`    ${JSON.stringify(url)},`,
		"    json.dumps(body).encode(),",
		`    {${fields.join(", ")}},`,
		")",
		"with urllib.request.urlopen(request) as answer:",
		`    print(json.load(answer)["${session.answer}"])`,
	].join("\n");
}

/** A value as Python writes it; JSON's strings are Python's, but for surrogates. */
function pythonValue(value) {
	if (value === true) return "True";
	if (value === false) return "False";
	if (typeof value !== "object") return JSON.stringify(value);
	const members = Object.entries(value).map(([key, part]) => `"${key}": ${pythonValue(part)}`);
	return `{${members.join(", ")}}`;
}

function javaScript(url, body) {
	const fields = ['"Content-Type": "application/json"'];
	if (token()) fields.unshift('Authorization: `Bearer ${process.env.ELMAN_TOKEN}`');
	return [
		`const answer = await fetch(${JSON.stringify(url)}, {`,
		'  method: "POST",',
		`  headers: { ${fields.join(", ")} },`,
		`  body: JSON.stringify(${JSON.stringify(body)}),`,
		"});",
		`console.log((await answer.json()).${session.answer});`,
	].join("\n");
}
