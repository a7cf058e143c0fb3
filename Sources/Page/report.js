// The whole report of a version, as the server lays it out, inside the page and to print.

import { at, send } from "./api.js";
import { sheet } from "./dialog.js";
import { button, h } from "./dom.js";

export async function openReport(name, version) {
	const frame = await reportFrame(name, version);
	const onclick = () => frame.contentWindow.print();
	const print = button("Print", onclick);
	sheet(`Version ${version} of ${name}`, h("div.row", print), frame);
}

/** The report as a frame that is as high as what it holds. */
export async function reportFrame(name, version) {
	const path = at`models/${name}/versions/${version}`;
	const response = await send("GET", path, { accept: "text/html" });
	const address = URL.createObjectURL(await response.blob());
	const frame = h("iframe.report", {
		title: `Report of version ${version} of ${name}`,
		// No scripts; the page may measure and print it.
		sandbox: "allow-same-origin allow-modals",
		src: address,
	});
	frame.addEventListener("load", () => {
		URL.revokeObjectURL(address);
		const { body, documentElement } = frame.contentDocument;
		new ResizeObserver(() => {
			frame.style.height = `${Math.max(body.scrollHeight, documentElement.offsetHeight) + 4}px`;
		}).observe(body);
	});
	return frame;
}
