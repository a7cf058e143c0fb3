// Requests to the service: the public API, as any other client uses it.

/** A refusal, as its problem document says (RFC 9457). */
export class Refusal extends Error {
	constructor(status, problem) {
		super(problem?.detail ?? `The server answered ${status}.`);
		this.status = status;
		this.code = problem?.code ?? "";
		this.problem = problem ?? {};
	}
}

export class Unreachable extends Error {
	constructor() {
		super("The server does not answer.");
	}
}

/** Where the service is, perhaps behind a proxy's path. */
export const base = new URL("./", document.baseURI);

/** Has the events `unreachable`, `reached`, `token`. */
export const line = new EventTarget();

const tokenKey = "elman-token";

export function token() {
	return sessionStorage.getItem(tokenKey) ?? "";
}

/** Keeps a token for this tab until it closes. */
export function setToken(value) {
	if (value) sessionStorage.setItem(tokenKey, value);
	else sessionStorage.removeItem(tokenKey);
}

/**
 * Sends a request.
 *
 * `json` becomes the body; `body` with `type` goes as it is. Throws `Refusal`, `Unreachable` or an
 * AbortError.
 */
export async function send(method, path, options = {}) {
	const { json, body, type, accept, headers, signal, keepalive = false } = options;
	const fields = new Headers(headers);
	fields.set("Accept", accept ?? "application/json");
	if (token()) fields.set("Authorization", `Bearer ${token()}`);
	if (json !== undefined) fields.set("Content-Type", "application/json");
	else if (type) fields.set("Content-Type", type);
	let response;
	try {
		response = await fetch(new URL(path, base), {
			method,
			headers: fields,
			body: json === undefined ? body : JSON.stringify(json),
			signal,
			keepalive,
			cache: "no-store",
			credentials: "omit",
		});
	} catch (error) {
		if (error.name === "AbortError") throw error;
		line.dispatchEvent(new Event("unreachable"));
		throw new Unreachable();
	}
	line.dispatchEvent(new Event("reached"));
	if (response.ok || response.status === 304) return response;
	const problem = await response.json().catch(() => null);
	if (response.status === 401) line.dispatchEvent(new Event("token"));
	throw new Refusal(response.status, problem);
}

/** Shows a set of labels as one; what is sent back keeps the set. */
function named(_, found) {
	for (const name of ["label", "answer", "suggestion"]) {
		const set = found?.[`${name}s`];
		if (!Array.isArray(set) || name in found) continue;
		Object.defineProperty(found, name, { value: set.join(", ") || "(none)" });
	}
	return found;
}

/** The member that gives a text a label, or a set of them. */
export function given(label) {
	return Array.isArray(label) ? { labels: label } : { label };
}

/** Sends a request; the JSON of the answer, or null. */
export async function ask(method, path, options) {
	const response = await send(method, path, options);
	return response.status === 204 ? null : JSON.parse(await response.text(), named);
}

/** A path whose pieces are escaped: `` at`models/${name}` ``. */
export function at(pieces, ...values) {
	return String.raw({ raw: pieces }, ...values.map((value) => encodeURIComponent(value)));
}

/** Whether nobody wants the answer any more. */
export function isCancelled(error) {
	return error.name === "AbortError";
}

export async function download(path, name, options) {
	const response = await send("GET", path, options);
	const link = document.createElement("a");
	link.href = URL.createObjectURL(await response.blob());
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
