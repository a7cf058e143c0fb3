// Follows a job by server-sent events, over lost connections and restarts of the server.
//
// `EventSource` sends no token, so the events are read from the answer of a plain request.

import { ask, at, isCancelled, send } from "./api.js";

/** Calls back with each event's data until the job ends; returns the job. */
export async function follow(id, signal, heard) {
	const path = at`train/${id}`;
	let last = "";
	while (!signal.aborted) {
		try {
			const headers = last ? { "Last-Event-ID": last } : {};
			const options = { headers, signal, accept: "text/event-stream" };
			const response = await send("GET", `${path}/events`, options);
			if (response.status === 204) break;
			for await (const event of events(response.body)) {
				if (event.id) last = event.id;
				if (event.data) heard(JSON.parse(event.data));
				if (event.name === "end") return ask("GET", path, { signal });
			}
		} catch (error) {
			// A server that restarts comes back; a job that is gone does not.
			if (isCancelled(error) || error.status === 404) throw error;
		}
		const job = await ask("GET", path, { signal }).catch(() => null);
		if (job && !["queued", "running"].includes(job.state)) return job;
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
	return ask("GET", path, { signal });
}

/** The events of a stream, as the HTML standard reads them. */
async function* events(body) {
	const reader = body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";
	let event = { id: "", name: "", data: "" };
	while (true) {
		const { done, value } = await reader.read();
		if (done) return;
		const lines = (rest + value).split("\n");
		rest = lines.pop();
		for (const line of lines) {
			if (line === "") {
				yield event;
				event = { id: "", name: "", data: "" };
				continue;
			}
			const place = line.indexOf(":");
			const [field, content] = [line.slice(0, place), line.slice(place + 1).replace(/^ /, "")];
			if (field === "id") event.id = content;
			else if (field === "event") event.name = content;
			else if (field === "data") event.data += content;
		}
	}
}
