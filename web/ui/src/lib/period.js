/* period.js - the days that a page is about, in its address: ?days=30 or
 * ?from=&to=. Days are UTC, as in reports. */
export const CHOICES = [7, 30, 90];

const DAY = 86400000;

export const isoDay = (ms) => new Date(ms).toISOString().slice(0, 10);

export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? '') &&
	!Number.isNaN(Date.parse(text));

/* {from, to, days}: days is null for a period of one's own. */
export function periodOf(query, now = Date.now()) {
	if (isDay(query.from) && isDay(query.to) && query.from <= query.to)
		return { from: query.from, to: query.to, days: null };
	const asked = Number(query.days);
	const days = CHOICES.includes(asked) ? asked : 90;
	return { from: isoDay(now - (days - 1) * DAY), to: isoDay(now), days };
}

/* The last day of a week, month or day that begins with `first`. */
export function lastDay(first, bucket) {
	const at = new Date(first.slice(0, 7) + (first.slice(7) || '-01') +
		'T00:00:00Z');
	if (bucket === 'month')
		at.setUTCMonth(at.getUTCMonth() + 1, 0);
	else if (bucket === 'week')
		at.setUTCDate(at.getUTCDate() + 6);
	return isoDay(at.getTime());
}
