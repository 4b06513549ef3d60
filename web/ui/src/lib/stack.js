/* stack.js - numbers of the chart, without drawing: columns of the timeline
 * into layers, and ticks that fit. */
import { max } from 'd3-array';
import { stack } from 'd3-shape';

/* From the bottom: what is well first. */
export const LAYERS = ['mine_pass', 'forwarded', 'undecided', 'mine_fail',
	'unknown'];
export const FAILING = ['mine_fail', 'unknown'];

/* [{day, messages, mine_pass, ...}] of {columns, rows}. */
export function objects({ columns, rows }) {
	return rows.map((row) =>
		Object.fromEntries(columns.map((c, i) => [c, row[i]])));
}

/* Every day of the period, with zeros where there is no row: a silent week
 * must show as a gap, not as neighbours. */
export function everyDay(data, from, to) {
	const have = new Map(data.map((d) => [d.day, d]));
	const zero = Object.fromEntries(
		[...LAYERS, 'messages'].map((name) => [name, 0]));
	const out = [];
	for (let at = Date.parse(from); at <= Date.parse(to); at += 86400000) {
		const day = new Date(at).toISOString().slice(0, 10);
		out.push({ ...zero, ...have.get(day), day });
	}
	return out;
}

export const layers = (data, names) =>
	stack().keys(names)(data).map((layer) => ({ name: layer.key,
		bars: layer.map(([low, high]) => ({ low, high })) }));

export const top = (data, names) =>
	max(data, (d) => names.reduce((sum, n) => sum + d[n], 0)) || 1;

/* About one tick of the x axis in `room` pixels: indices of days. */
export function dayTicks(count, width, room = 90) {
	const step = Math.max(1, Math.ceil(count / Math.max(1, width / room)));
	return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}
