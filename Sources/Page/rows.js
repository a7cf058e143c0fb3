// Labelled rows out of what was pasted or dropped: which format, which columns, which rows.

const labelNames = new Set(
	("label labels category categories class classes intent intents tag tags target targets " +
		"sentiment sentiments topic topics emotion emotions polarity y v1").split(" "),
);
const textNames = new Set(
	("text texts sentence sentences utterance utterances message messages query queries question " +
		"questions content document body description review comment title tweet headline phrase " +
		"sms x v2").split(" "),
);
const tableNames = { ",": "CSV", "\t": "TSV", ";": "CSV with semicolons", "|": "CSV with bars" };
const delimiters = Object.keys(tableNames);
/** So many records tell what the columns are. */
const looked = 200;
const several = "it has several labels, which only POST /train takes";

/**
 * Reads a text.
 *
 * The answer has `format`, `columns` (names, or null where there is no header), `records` (cells
 * with the line where each begins), and which column is `label` and which `text`.
 */
export function read(source, wish = {}) {
	const text = source.startsWith("\uFEFF") ? source.slice(1) : source;
	const start = text.trimStart();
	if (start.startsWith("__label__")) return fastText(text);
	if (start.startsWith("{") || start.startsWith("[")) return json(text, start, wish);
	return table(text, wish);
}

/** The rows that a reading gives, and what is wrong with the others. */
export function rowsOf({ records, label, text }) {
	const rows = [];
	const problems = [];
	for (const { cells, line, fault } of records) {
		const row = { label: (cells[label] ?? "").trim(), text: (cells[text] ?? "").trim(), line };
		const detail = fault ?? faultOf(row);
		if (detail) problems.push({ line, detail });
		else rows.push(row);
	}
	return { rows, problems };
}

function faultOf({ label, text }) {
	if (!label) return "there is no label";
	if (!text) return "there is no text";
	return [...label].length > 256 ? "the label has more than 256 characters" : null;
}

export function countLabels(rows) {
	const counts = new Map();
	for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1);
	return [...counts].map(([label, rows]) => ({ label, rows })).sort((a, b) => b.rows - a.rows);
}

/** The text of a file, whatever Unicode form it has; `note` says what was assumed. */
export async function decode(file) {
	const bytes = new Uint8Array(await file.arrayBuffer());
	if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
		throw new Error(`${file.name} is a workbook or an archive. Save it as CSV first.`);
	}
	if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
		const stream = file.stream().pipeThrough(new DecompressionStream("gzip"));
		return { text: await new Response(stream).text(), note: "It was packed with gzip." };
	}
	for (const [mark, encoding] of [[0xfffe, "utf-16le"], [0xfeff, "utf-16be"]]) {
		if (((bytes[0] << 8) | bytes[1]) === mark) {
			return { text: new TextDecoder(encoding).decode(bytes), note: "It was read as UTF-16." };
		}
	}
	try {
		return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), note: "" };
	} catch {
		const text = new TextDecoder("windows-1252").decode(bytes);
		return { text, note: "It is no UTF-8 and was read as Windows-1252: look at the accents." };
	}
}

function fastText(source) {
	const records = source.split(/\r\n|\n|\r/).flatMap((line, index) => {
		if (!line.trim()) return [];
		const words = line.trim().split(/[ \t]+/);
		const labels = words.filter((word) => word.startsWith("__label__"));
		const rest = words.filter((word) => !word.startsWith("__label__")).join(" ");
		const fault = labels.length > 1 ? several : undefined;
		return [{ cells: [(labels[0] ?? "").slice(9), rest], line: index + 1, fault }];
	});
	return { format: "fastText", columns: ["label", "text"], records, label: 0, text: 1 };
}

function json(source, start, wish) {
	const found = [];
	if (start.startsWith("[")) {
		try {
			JSON.parse(source).forEach((value, index) => found.push({ value, line: index + 1 }));
		} catch (error) {
			return { format: "JSON", columns: ["", ""], records: [wrong(1, error)], label: 0, text: 1 };
		}
	} else {
		source.split(/\r\n|\n/).forEach((text, index) => {
			if (!text.trim()) return;
			try {
				found.push({ value: JSON.parse(text), line: index + 1 });
			} catch (error) {
				found.push({ value: {}, line: index + 1, fault: `this is no JSON (${error.message})` });
			}
		});
	}
	const names = new Set();
	for (const { value } of found.slice(0, looked)) {
		for (const name of Object.keys(value ?? {})) names.add(name);
	}
	const columns = [...names];
	const records = found.map(({ value, line, fault }) => ({
		cells: columns.map((name) => plain(value?.[name])),
		line,
		fault: fault ?? (value?.labels?.length > 1 ? several : undefined),
	}));
	const format = start.startsWith("[") ? "JSON" : "JSON lines";
	return { format, columns, records, ...choose(columns, records, wish) };
}

function wrong(line, error) {
	return { cells: [], line, fault: `this is no JSON (${error.message})` };
}

function plain(value) {
	if (value === null || value === undefined) return "";
	if (Array.isArray(value)) return value.length === 1 ? plain(value[0]) : "";
	return typeof value === "object" ? "" : String(value);
}

function table(source, wish) {
	const hint = /^sep=(.)\r?\n/.exec(source);
	const delimiter = wish.delimiter ?? hint?.[1] ?? divider(source);
	const body = hint ? source.slice(hint[0].length) : source;
	const records = split(body, delimiter, hint ? 2 : 1);
	const first = records[0]?.cells.map((name) => name.trim()) ?? [];
	const isNamed = first.some((name) => isKnown(name)) && records.length > 1;
	const hasHeader = wish.hasHeader ?? isNamed;
	if (hasHeader) records.shift();
	const widths = records.slice(0, looked).map(({ cells }) => cells.length);
	const width = Math.max(first.length, ...widths);
	const columns = Array.from({ length: width }, (_, index) =>
		hasHeader && first[index] ? first[index] : `column ${index + 1}`,
	);
	return {
		format: tableNames[delimiter] ?? "CSV",
		delimiter,
		hasHeader,
		columns,
		records,
		...choose(columns, records, wish),
	};
}

function isKnown(name) {
	return labelNames.has(name.toLowerCase()) || textNames.has(name.toLowerCase());
}

/** The delimiter that gives most lines the same number of cells, above one. */
function divider(source) {
	const head = source.slice(0, 64_000);
	let best = { score: 0, delimiter: "," };
	for (const delimiter of delimiters) {
		const widths = split(head, delimiter, 1)
			.slice(0, 50)
			.map(({ cells }) => cells.length);
		const width = widths[0] ?? 1;
		if (width < 2) continue;
		const score = widths.filter((other) => other === width).length / widths.length - width / 1000;
		if (score > best.score) best = { score, delimiter };
	}
	return best.delimiter;
}

/** Records with quotes as RFC 4180 has them; a stray quote inside a cell stands for itself. */
function split(source, delimiter, firstLine) {
	const records = [];
	let [cells, cell, line, begin] = [[], "", firstLine, firstLine];
	let isQuoted = false;
	const end = () => {
		cells.push(cell);
		if (cells.length > 1 || cells[0].trim()) records.push({ cells, line: begin });
		[cells, cell, begin] = [[], "", line];
	};
	for (let place = 0; place < source.length; place += 1) {
		const character = source[place];
		if (isQuoted) {
			if (character === "\n") line += 1;
			if (character !== '"') cell += character;
			else if (source[place + 1] === '"') (cell += '"'), (place += 1);
			else isQuoted = false;
		} else if (character === '"' && cell === "") isQuoted = true;
		else if (character === delimiter) cells.push(cell), (cell = "");
		else if (character === "\n" || character === "\r") {
			if (character === "\r" && source[place + 1] === "\n") place += 1;
			line += 1;
			end();
		} else cell += character;
	}
	if (cell || cells.length) end();
	return records;
}

/** The columns of labels and texts: by their names, else by what they hold. */
function choose(columns, records, wish) {
	const sample = records.slice(0, looked);
	const facts = columns.map((name, index) => {
		const cells = sample.map(({ cells: all }) => (all[index] ?? "").trim()).filter(Boolean);
		const length = cells.reduce((sum, cell) => sum + cell.length, 0) / Math.max(cells.length, 1);
		return { index, name: name.toLowerCase(), kinds: new Set(cells).size, length };
	});
	const exact = (wanted, names) =>
		facts.find(({ name }) => name === wanted) ?? facts.find(({ name }) => names.has(name));
	const longest = [...facts].sort((a, b) => b.length - a.length);
	const text = wish.text ?? exact("text", textNames)?.index;
	const label = wish.label ?? exact("label", labelNames)?.index;
	const guessed = text ?? longest.find(({ index }) => index !== label)?.index ?? 1;
	const rest = facts.filter(({ index }) => index !== guessed).sort((a, b) => a.kinds - b.kinds);
	return { label: label ?? rest[0]?.index ?? 0, text: guessed };
}
