import assert from 'node:assert/strict';
import test from 'node:test';
import { ago, bytes, compact, day, has, LANGUAGES, list, number, parts, percent,
	points, said, t, use } from '../src/lib/i18n.js';

const EN = { none: '-', points: '{p} points', plain: 'a {x} b',
	'n#one': '{n} row', 'n#other': '{n} rows',
	rich: 'See <a>the {n} rows</a>, or not', 'why.dkim': 'DKIM of {domain}' };

test('values are put in; numbers are written in the language', () => {
	use('en', EN);
	assert.equal(t('plain', { x: 1234567 }), 'a 1,234,567 b');
	assert.equal(t('plain', { x: '1234567' }), 'a 1234567 b');
	assert.equal(t('plain'), 'a {x} b');
	assert.equal(t('not.there'), 'not.there');
});

test('a value with braces is not looked into', () => {
	use('en', EN);
	assert.equal(t('plain', { x: '{n}$&' }), 'a {n}$& b');
});

test('plurals are chosen by the language', () => {
	use('en', EN);
	assert.equal(t('n', { n: 1 }), '1 row');
	assert.equal(t('n', { n: 0 }), '0 rows');
	use('ja', { 'n#other': '{n} 行' });
	assert.equal(t('n', { n: 1 }), '1 行');
	use('it', { 'n#one': '{n} riga', 'n#other': '{n} righe' });
	assert.equal(t('n', { n: 1000000 }), '1.000.000 righe');
	assert.ok(has('n') && !has('m'));
});

test('rich text is split, and never parsed as HTML', () => {
	use('en', EN);
	assert.deepEqual(parts('rich', { n: 2 }),
		[[null, 'See '], ['a', 'the 2 rows'], [null, ', or not']]);
	assert.deepEqual(parts('plain', { x: '<a>x</a>' }),
		[[null, 'a <a>x</a> b']]);
});

test('what the server says: by code, else its own words', () => {
	use('en', EN);
	assert.equal(said('why', { code: 'dkim', detail: 'x',
		params: { domain: 'a.example' } }), 'DKIM of a.example');
	assert.equal(said('why', { code: 'new', detail: 'new thing' }), 'new thing');
	assert.equal(said('why', null), '');
});

test('a share is rounded down', () => {
	use('en', EN);
	assert.equal(percent(99.96), '99.9%');
	assert.equal(percent(100), '100.0%');
	assert.equal(percent(88.8, 0), '88%');
	assert.equal(percent(0.3), '0.3%');
	assert.equal(percent(null), '-');
	use('it', EN);
	assert.equal(percent(98.6), '98,6%');
});

test('numbers, points, sizes', () => {
	use('en', EN);
	assert.equal(number(36210), '36,210');
	assert.equal(points(-0.4), '-0.4 points');
	assert.equal(points(0.4), '+0.4 points');
	assert.equal(bytes(512), '512 byte');
	assert.equal(bytes(1500000), '1.5 MB');
	use('ja', EN);
	assert.equal(compact(40000), '4万');
});

test('days are UTC days; times are told from now', () => {
	use('en', EN);
	const now = Date.parse('2026-11-25T12:00:00Z');
	assert.equal(day('2026-11-25'), 'Nov 25, 2026');
	assert.equal(ago('2026-11-25T09:30:00Z', now), '2 hours ago');
	assert.equal(ago('2026-11-24T11:00:00Z', now), 'yesterday');
	assert.equal(ago('2026-11-25T11:59:50Z', now), 'this minute');
});

test('there is something between the items of a list', () => {
	for (const language of LANGUAGES) {
		use(language, {});
		assert.match(list(['np', 'adkim']), /^np\W+(\w\W+)?adkim$/);
	}
});
