// The frame of the page: which panel, which model, who asks, and whether the server is there.

import { line, setToken, token } from "./api.js";
import { announce, button, fill, h } from "./dom.js";
import { complain, notify } from "./notices.js";
import { session } from "./session.js";
import { askToken } from "./token.js";

/** The panels, and the scope without which one is of no use. */
const panels = [
	{ id: "try", name: "Try", scope: "classify" },
	{ id: "teach", name: "Teach", scope: "train" },
	{ id: "review", name: "Review", scope: "train" },
	{ id: "data", name: "Data", scope: "train" },
	{ id: "versions", name: "Versions", scope: null },
	{ id: "inside", name: "Inside", scope: "classify" },
];

const main = document.getElementById("panel");
/** Panels that were opened, by panel and model: what was typed there stays. */
const open = new Map();
let shown = null;

/** What the address says: `#/versions/desk`. */
function place() {
	const [, id = "", name = ""] = location.hash.split("/");
	return { id, name: decodeURIComponent(name) };
}

function address(id, name) {
	return `#/${id}/${encodeURIComponent(name)}`;
}

export function go(id, name = session.name) {
	location.hash = address(id, name);
}

function offered() {
	return panels.filter((panel) => !panel.scope || session.may(panel.scope));
}

async function route() {
	if (session.needsToken) return;
	let { id, name } = place();
	if (!offered().some((panel) => panel.id === id)) id = offered()[0].id;
	const isNew = session.name !== name;
	session.name = name || session.name || session.defaultName;
	if (isNew) session.dispatchEvent(new Event("model"));
	drawFrame(id);
	const key = `${id} ${session.name}`;
	if (shown?.key === key) return;
	shown?.panel.hidden?.();
	const coming = { key, panel: {} };
	shown = coming;
	try {
		const module = await import(`./${id}.js`);
		if (shown !== coming) return;
		if (!open.has(key)) open.set(key, new module.Panel(session.name));
		coming.panel = open.get(key);
		fill(main, coming.panel.element);
		const panelName = panels.find((panel) => panel.id === id).name;
		document.title = `${panelName} · ${session.name || "Elman"}`;
		coming.panel.shown?.();
	} catch (error) {
		shown = null;
		complain(error);
	}
}

function drawFrame(id) {
	const tabs = document.getElementById("tabs");
	const current = document.activeElement?.closest?.("#tabs") && document.activeElement.hash;
	fill(
		tabs,
		offered().map((panel) =>
			h(
				"a",
				{
					href: address(panel.id, session.name),
					"aria-current": panel.id === id ? "page" : null,
				},
				panel.name,
			),
		),
	);
	tabs.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
	if (current) tabs.querySelector("[aria-current]")?.focus();
	drawPick(id);
	drawWho();
}

function drawPick(id) {
	const names = session.models.map((model) => model.model);
	if (session.name && !names.includes(session.name)) names.push(session.name);
	const pick = h(
		"select",
		{
			id: "model",
			"aria-label": "Model",
			onchange: (event) => go(id, event.target.value),
			disabled: names.length === 0,
		},
		names.length === 0 ? h("option", "no model yet") : null,
		names.map((name) => {
			const known = session.models.find((model) => model.model === name);
			const note = !known ? " (new)" : known.state === "live" ? "" : ` (${known.state})`;
			return h("option", { value: name }, `${name}${note}`);
		}),
	);
	pick.value = session.name;
	fill(document.getElementById("pick"), pick);
}

function drawWho() {
	const { tokens, name } = session.access;
	const box = document.getElementById("who");
	if (!tokens) return fill(box);
	const said = name ? `Token: ${name}` : "Token";
	return fill(box, button(said, enter, "quiet"));
}

async function enter() {
	if (!(await askToken())) return;
	open.clear();
	shown = null;
	await begin();
}

function drawLine() {
	const banner = document.getElementById("banner");
	banner.classList.toggle("away", !session.isReached);
	banner.textContent = session.isReached
		? ""
		: "The server does not answer. This page goes on trying; nothing that you typed is lost.";
	if (session.isReached) {
		announce("The server answers again.");
		begin().then(() => shown?.panel.back?.());
	}
}

/** Asks for news: at once where the tab comes to the front, else every few seconds. */
async function poll() {
	const isUseful = document.visibilityState === "visible" && !session.needsToken;
	if (isUseful || !session.isReached) await session.refresh().catch(() => {});
	setTimeout(poll, session.isReached ? 5000 : 1000);
}

async function begin() {
	try {
		await session.identify();
		drawWho();
		if (session.needsToken) {
			if (token()) {
				setToken("");
				notify("That token is not good here any more.", { kind: "wrong" });
			}
			await enter();
			return;
		}
		await session.refresh();
		await route();
	} catch (error) {
		complain(error);
	}
}

addEventListener("hashchange", () => route().then(() => main.focus({ preventScroll: true })));
addEventListener("visibilitychange", () => {
	if (document.visibilityState === "visible") session.refresh().catch(() => {});
});
session.addEventListener("line", drawLine);
session.addEventListener("models", () => {
	drawFrame(place().id || "try");
	shown?.panel.changed?.();
});
line.addEventListener("token", () => drawWho());

begin().then(() => setTimeout(poll, 5000));
