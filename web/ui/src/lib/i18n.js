/* i18n.js - texts of a flat catalogue, and numbers and times as the reader
 * writes them. Knows no DOM; the catalogue is loaded by language.js.
 *
 *   "senders.count#one": "{n} sender"     a plural: by the number n
 *   "senders.count#other": "{n} senders"
 *   "ready.see": "See <a>the senders</a>" rich text: parts() splits it
 *
 * A number among the values is written in the language; text stays text. */
export const LANGUAGES = ['en', 'ja', 'ko', 'it'];

let current = 'en';
let texts = {};
let tools = {};

export function use(language, catalogue) {
	current = language;
	texts = catalogue;
	tools = {};
}

export const language = () => current;

/* Intl's objects cost milliseconds to make and are kept. */
function tool(kind, options = {}) {
	const key = kind + JSON.stringify(options);
	tools[key] ??= new Intl[kind](current, options);
	return tools[key];
}

export const has = (key) => key in texts || `${key}#other` in texts;

function find(key, values) {
	if (key in texts)
		return texts[key];
	if (typeof values.n === 'number') {
		const form = tool('PluralRules').select(values.n);
		return texts[`${key}#${form}`] ?? texts[`${key}#other`];
	}
	return texts[`${key}#other`];
}

const show = (value) => typeof value === 'number' ? number(value)
	: String(value ?? '');

/* The text. A key that is missing shows as itself: seen at once by who looks,
 * and by the tests. */
export function t(key, values = {}) {
	const text = find(key, values);
	if (text === undefined)
		return key;
	return text.replace(/\{(\w+)\}/g, (all, name) =>
		name in values ? show(values[name]) : all);
}

/* Rich text as a list of [tag or null, text]: the caller makes the elements,
 * so that no markup is ever parsed as HTML. */
export function parts(key, values = {}) {
	const text = find(key, values) ?? key;
	const out = [];
	for (const m of text.matchAll(/<(\w+)>(.*?)<\/\1>|([^<]+|<)/g)) {
		const fill = (s) => s.replace(/\{(\w+)\}/g, (all, name) =>
			name in values ? show(values[name]) : all);
		out.push(m[1] ? [m[1], fill(m[2])] : [null, fill(m[3])]);
	}
	return out;
}

/* What the server says by a code: in the language where we know the code, in
 * its English where we do not. A
 * count chooses the plural. */
export function said(group, what) {
	if (what === null || what === undefined)
		return '';
	const key = `${group}.${what.code}`;
	return has(key) ? t(key, { n: what.count, ...what, ...what.params })
		: what.detail ?? what.text ?? what.code ?? '';
}

export const number = (n) => tool('NumberFormat',
	{ maximumFractionDigits: 2 }).format(n);
export const compact = (n) => tool('NumberFormat',
	{ notation: 'compact', maximumFractionDigits: 1 }).format(n);

/* "98.6 %": of a percentage, which is what the server sends. Rounded down, so
 * that 99.96 is not shown as the 100 that it is not. */
export function percent(n, digits = 1) {
	if (n === null || n === undefined)
		return t('none');
	const scale = 10 ** digits;
	const down = Math.floor(Math.abs(n) * scale + 1e-9) / scale * Math.sign(n);
	return tool('NumberFormat', { style: 'percent',
		minimumFractionDigits: digits,
		maximumFractionDigits: digits }).format(down / 100);
}

/* A change in percentage points, with its sign. */
export const points = (n) => t('points', { p: tool('NumberFormat',
	{ signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(n) });

export const day = (text) => tool('DateTimeFormat', { dateStyle: 'medium',
	timeZone: 'UTC' }).format(new Date(text + 'T00:00:00Z'));
export const shortDay = (text) => tool('DateTimeFormat', { day: 'numeric',
	month: 'short', timeZone: 'UTC' }).format(new Date(text + 'T00:00:00Z'));
export const time = (text) => tool('DateTimeFormat', { dateStyle: 'medium',
	timeStyle: 'short' }).format(new Date(text));
export const clock = (text) => tool('DateTimeFormat',
	{ timeStyle: 'short' }).format(new Date(text));
export const period = (from, to) => tool('DateTimeFormat', {
	dateStyle: 'medium', timeZone: 'UTC' })
	.formatRange(new Date(from), new Date(to));
/* Not 'narrow': in Japanese that leaves nothing between the items. */
export const list = (items) => tool('ListFormat', { style: 'short',
	type: 'unit' }).format(items);

const UNITS = [['day', 86400], ['hour', 3600], ['minute', 60]];

/* "3 hours ago", from two times in milliseconds. */
export function ago(text, now = Date.now()) {
	const secs = (new Date(text).getTime() - now) / 1000;
	for (const [unit, size] of UNITS)
		if (Math.abs(secs) >= size)
			return tool('RelativeTimeFormat', { numeric: 'auto' })
				.format(Math.trunc(secs / size), unit);
	return tool('RelativeTimeFormat', { numeric: 'auto' }).format(0, 'minute');
}

export function bytes(n) {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
	let i = 0;
	for (; n >= 1000 && i < units.length - 1; i++)
		n /= 1000;
	return tool('NumberFormat', { style: 'unit', unit: units[i],
		maximumFractionDigits: n < 10 && i > 0 ? 1 : 0 }).format(n);
}
