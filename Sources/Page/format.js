// How figures, times and sizes are written.

/** A share as a percentage, `99.7 %`; never 100 % unless it is exactly that. */
export function percent(share, digits = 1) {
	if (share === null || share === undefined || Number.isNaN(share)) return "–";
	let text = (share * 100).toFixed(digits);
	if (share < 1 && Number(text) >= 100) text = (100 - 10 ** -digits).toFixed(digits);
	return `${text} %`;
}

/** A number with a fixed number of decimals; a dash for none. */
export function decimal(value, digits = 3) {
	return value === null || value === undefined ? "–" : value.toFixed(digits);
}

/** A number of small or great size, with three significant digits: `0.0123`, `1.4e-7`. */
export function significant(value) {
	if (value === null || value === undefined || !Number.isFinite(value)) return String(value);
	if (value === 0) return "0";
	const size = Math.abs(value);
	return size < 1e-3 || size >= 1e5 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** A whole number with thin groups of thousands. */
export function count(value) {
	return value === null || value === undefined ? "–" : value.toLocaleString("en-US");
}

/** `3 rows`, `1 row`. */
export function plural(number, one, many = `${one}s`) {
	return `${count(number)} ${number === 1 ? one : many}`;
}

/** When something was, in the reader's time zone. */
export function moment(text) {
	const date = new Date(text);
	const options = { dateStyle: "medium", timeStyle: "short" };
	return Number.isNaN(date.getTime()) ? "" : date.toLocaleString("en-GB", options);
}

/** A duration in seconds for people: `8 s`, `2 min 10 s`. */
export function duration(seconds) {
	const whole = Math.max(Math.round(seconds), 0);
	if (whole < 60) return `${whole} s`;
	const minutes = Math.floor(whole / 60);
	if (minutes < 60) return `${minutes} min ${whole % 60} s`;
	return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
