import assert from 'node:assert/strict';
import test from 'node:test';
import { isOurs, match, path, query } from '../src/lib/route.js';

test('each page has its path', () => {
	assert.deepEqual(match('/'), { name: 'domains', params: {} });
	assert.deepEqual(match('/login/2fa').name, 'second');
	assert.deepEqual(match('/settings/users').params, { tab: 'users' });
	assert.deepEqual(match('/d/example.com/senders/12'), { name: 'sender',
		params: { domain: 'example.com', sender: '12' } });
	assert.deepEqual(match('/d/example.com/').name, 'domain');
});

test('what is no page is missing', () => {
	for (const p of ['/x', '/d', '/d/a/b', '/d/%/senders', '/login/2fa/x'])
		assert.equal(match(p).name, 'missing', p);
});

test('pieces may hold anything', () => {
	const p = path('d', 'a/b?c%', 'senders');
	assert.equal(p, '/d/a%2Fb%3Fc%25/senders');
	assert.equal(match(p).params.domain, 'a/b?c%');
});

test('empty filters are left out of the address', () => {
	assert.equal(query({ a: 1, b: '', c: null, d: undefined, e: 'x y',
		f: false }), '?a=1&e=x+y');
	assert.equal(query({}), '');
});

test('links of the server are followed only inside the console', () => {
	assert.ok(isOurs('/d/example.com?x=1'));
	for (const bad of ['//evil.example', '/\\evil.example', 'javascript:x',
		'https://evil.example/', 'd/x', '', null])
		assert.ok(!isOurs(bad), String(bad));
});
