// Builds elements. Every text goes in as text, never as markup, so nothing that a user or a model
// wrote can become part of the page.

const svgSpace = "http://www.w3.org/2000/svg";

/**
 * An element: `h("button.quiet", { onclick }, "Stop")`; attributes may be left out.
 *
 * Functions named `on…` listen; `value`, `checked` and the like are set as properties; null,
 * false and undefined leave an attribute out; null and false among the children are left out.
 */
export function h(tag, ...rest) {
	const [name, ...classes] = tag.split(".");
	const element = document.createElement(name);
	if (classes.length) element.className = classes.join(" ");
	if (name === "button") element.type = "button";
	return filled(element, rest);
}

/** The same for SVG. */
export function s(tag, ...rest) {
	const [name, ...classes] = tag.split(".");
	const element = document.createElementNS(svgSpace, name);
	if (classes.length) element.setAttribute("class", classes.join(" "));
	return filled(element, rest);
}

const properties = new Set(["value", "checked", "disabled", "hidden", "open", "indeterminate"]);

function filled(element, [first, ...others]) {
	const hasAttributes = first?.constructor === Object;
	for (const [name, value] of Object.entries(hasAttributes ? first : {})) {
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (properties.has(name) && name in element) element[name] = value;
		else if (value === true) element.setAttribute(name, "");
		else if (value !== null && value !== undefined && value !== false) {
			element.setAttribute(name, value);
		}
	}
	element.append(...present(hasAttributes ? others : [first, ...others]));
	return element;
}

function present(children) {
	const isThere = (child) => child !== null && child !== undefined && child !== false;
	return children.flat(4).filter(isThere);
}

export function fill(element, ...children) {
	element.replaceChildren(...present(children));
	return element;
}

/** A text of somebody else, in its own direction. */
export function bdi(text) {
	return h("bdi", text);
}

/** A button that does something; `kind` is a class of the style sheet. */
export function button(name, onclick, kind) {
	return h(kind ? `button.${kind}` : "button", { onclick }, name);
}

/** A form field with its label. */
export function field(label, control, hint) {
	const id = control.id || (control.id = newID());
	const note = hint ? h("small", { id: `${id}-hint` }, hint) : null;
	if (note) control.setAttribute("aria-describedby", note.id);
	return h("div.field", h("label", { for: id }, label), control, note);
}

let lastID = 0;

/** An identifier that no other element has. */
export function newID() {
	lastID += 1;
	return `e${lastID}`;
}

/** Says something to those who do not see the page change. */
export function announce(text) {
	const live = document.getElementById("live");
	live.textContent = text;
}

/** Calls back once, when `delay` milliseconds have gone by since the last call. */
export function settled(delay, action) {
	let timer = 0;
	const later = (...given) => {
		clearTimeout(timer);
		timer = setTimeout(() => action(...given), delay);
	};
	later.cancel = () => clearTimeout(timer);
	return later;
}
