/* The four catalogues say the same things, and the code asks for what is in
 * them. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { transformSync } from 'esbuild';
import { LANGUAGES } from '../src/lib/i18n.js';

const src = new URL('../src/', import.meta.url);
const read = (name) => readFileSync(new URL(name, src), 'utf8');
const texts = Object.fromEntries(LANGUAGES.map((l) =>
	[l, JSON.parse(read(`text/${l}.json`))]));

const base = (key) => key.split('#')[0];
const keys = (l) => [...new Set(Object.keys(texts[l]).map(base))].sort();
const marks = (text) => [...new Set(text.match(/\{\w+\}|<\/?\w+>/g))].sort();

/* All forms of a key, as one text. */
const whole = (l, key) => Object.entries(texts[l])
	.filter(([k]) => base(k) === key).map(([, v]) => v).join(' ');

const sources = ['lib', 'part', 'page'].flatMap((dir) =>
	readdirSync(new URL(dir + '/', src)).map((f) => `${dir}/${f}`))
	.concat('main.jsx');

for (const l of LANGUAGES) {
	test(`${l} has every key and no other`, () =>
		assert.deepEqual(keys(l), keys('en')));
	test(`${l} has the placeholders and elements of English`, () => {
		for (const key of keys('en'))
			assert.deepEqual(marks(whole(l, key)), marks(whole('en', key)), key);
	});
	test(`${l} has the plural forms that the language has`, () => {
		const forms = new Intl.PluralRules(l).resolvedOptions()
			.pluralCategories.filter((f) => f !== 'many').sort();
		for (const key of keys(l)) {
			const have = Object.keys(texts[l]).filter((k) =>
				k.startsWith(key + '#')).map((k) => k.split('#')[1]).sort();
			if (have.length > 0)
				assert.deepEqual(have, forms, key);
		}
	});
	test(`${l} is sorted, and has no empty text`, () => {
		const have = Object.keys(texts[l]);
		assert.deepEqual(have, [...have].sort());
		assert.ok(Object.values(texts[l]).every((v) => v.trim() !== ''));
	});
}

for (const l of LANGUAGES.slice(1))
	test(`${l} is translated`, () => {
		const same = Object.keys(texts.en).filter((k) =>
			texts[l][k] === texts.en[k] && /\p{L}{4}/u.test(texts.en[k]
				.replace(/\{\w+\}/g, '')));
		assert.ok(same.length < 30, same.join(' '));
	});

test('every warning that a report can carry has a text', () => {
	const header = readFileSync(new URL('../../../lib/code.h', import.meta.url),
		'utf8');
	const codes = [...header.matchAll(/X\((\w+), WARNING/g)].map((m) => m[1]);
	assert.ok(codes.length > 30);
	assert.deepEqual(codes.filter((c) => !keys('en').includes(`warning.${c}`)),
		[]);
});

test('every key that the code names is there', () => {
	const missing = [];
	for (const name of sources)
		for (const m of read(name).matchAll(/\b(?:t|parts)\(\s*'([^']+)'|\bk="([^"]+)"/g))
			if (!keys('en').includes(m[1] ?? m[2]))
				missing.push(`${name}: ${m[1] ?? m[2]}`);
	assert.deepEqual(missing, []);
});

test('every key is named by the code, whole or by its beginning', () => {
	const code = sources.map(read).join('\n');
	const groups = [...code.matchAll(/\b(?:t|has)\(`([\w.]+)\.\$|said\('(\w+)'|`([\w.]+)\.\$\{/g)]
		.map((m) => (m[1] ?? m[2] ?? m[3]) + '.');
	const unused = keys('en').filter((k) => !code.includes(`'${k}'`) &&
		!code.includes(`"${k}"`) && !groups.some((g) => k.startsWith(g)));
	assert.deepEqual(unused, []);
});

/* In compiled JSX a text is a string in children, or in an attribute that is
 * read to people. A name in its own language, and what is code, is allowed. */
test('no text is hard-coded', () => {
	const allowed = /^(English|日本語|한국어|Italiano|t=y|TXT|CNAME |none| s=)$/;
	const found = [];
	for (const name of sources.filter((n) => n.endsWith('.jsx'))) {
		const { code } = transformSync(read(name), { loader: 'jsx',
			jsx: 'automatic', charset: 'utf8' });
		for (const m of code.matchAll(
			/(?:children|title|alt|"aria-label"): "((?:[^"\\]|\\.)*)"/g))
			if (/\p{L}/u.test(m[1]) && !allowed.test(m[1]))
				found.push(`${name}: ${m[1]}`);
		for (const m of code.matchAll(/children: \[\s*"((?:[^"\\]|\\.)*)"/g))
			if (/\p{L}/u.test(m[1]) && !allowed.test(m[1]))
				found.push(`${name}: ${m[1]}`);
	}
	assert.deepEqual(found, []);
});

test('nothing writes HTML, styles or code from text', () => {
	const bad = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style=|javascript:/;
	assert.deepEqual(sources.filter((n) => bad.test(read(n))), []);
});
