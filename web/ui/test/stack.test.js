import assert from 'node:assert/strict';
import test from 'node:test';
import { isDay, lastDay, periodOf } from '../src/lib/period.js';
import { dayTicks, everyDay, layers, objects, top } from '../src/lib/stack.js';

const timeline = { columns: ['day', 'messages', 'mine_pass', 'unknown'],
	rows: [['2026-11-02', 10, 7, 3]] };

test('days without a row are zeros', () => {
	const days = everyDay(objects(timeline), '2026-11-01', '2026-11-03');
	assert.deepEqual(days.map((d) => [d.day, d.messages, d.unknown]),
		[['2026-11-01', 0, 0], ['2026-11-02', 10, 3], ['2026-11-03', 0, 0]]);
});

test('layers lie upon each other, and the top is their sum', () => {
	const days = objects(timeline);
	const [a, b] = layers(days, ['mine_pass', 'unknown']);
	assert.deepEqual([a.bars[0], b.bars[0]],
		[{ low: 0, high: 7 }, { low: 7, high: 10 }]);
	assert.equal(top(days, ['mine_pass', 'unknown']), 10);
	assert.equal(top([], ['unknown']), 1);
});

test('ticks fit', () => {
	assert.deepEqual(dayTicks(7, 900), [0, 1, 2, 3, 4, 5, 6]);
	assert.equal(dayTicks(90, 900).length, 10);
	assert.equal(dayTicks(90, 10).length, 1);
	assert.deepEqual(dayTicks(0, 900), []);
});

test('the period of an address', () => {
	const now = Date.parse('2026-11-25T12:00:00Z');
	assert.deepEqual(periodOf({ days: '7' }, now),
		{ from: '2026-11-19', to: '2026-11-25', days: 7 });
	assert.equal(periodOf({ days: '8' }, now).days, 90);
	assert.deepEqual(periodOf({ from: '2026-01-01', to: '2026-02-01' }, now),
		{ from: '2026-01-01', to: '2026-02-01', days: null });
	assert.equal(periodOf({ from: '2026-02-01', to: '2026-01-01' }, now).days,
		90);
	assert.ok(isDay('2026-02-28') && !isDay('2026-2-1') && !isDay('x'));
});

test('the last day of a day, week or month', () => {
	assert.equal(lastDay('2026-11-23', 'day'), '2026-11-23');
	assert.equal(lastDay('2026-11-30', 'week'), '2026-12-06');
	assert.equal(lastDay('2026-02-01', 'month'), '2026-02-28');
	assert.equal(lastDay('2026-12', 'month'), '2026-12-31');
});
