/* states.mjs - what a store does not show at will, against mock.mjs: slow and
 * failing answers, nothing at all, text that was written to do harm. */
import { readFileSync } from 'node:fs';
import { calm, config, equal, findings, ok, open, settle, shot, visit }
	from './harness.mjs';
import { startMock } from './mock.mjs';

const api = JSON.parse(readFileSync(config.api, 'utf8'));
const session = (role) => ({ 'GET /session': () => ({ body: { state: 'ok',
	login: 'someone', role, all_domains: true, domains: [] } }) });
const nothing = () => ({ body: { items: [], next: null } });

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>' +
	'{n}<b>javascript:alert(3)\u202eevil';

/* Every text of an example, made hostile; what is an enum stays. */
function poison(value, key = '') {
	const names = ['org_name', 'report_id', 'selector', 'sender', 'name', 'note',
		'ptr', 'as_org', 'subject', 'mail_from', 'header_from', 'text', 'domain',
		'detail', 'human_result', 'envelope_from', 'file_name', 'label_text',
		'org_domain', 'message_id', 'user_agent', 'actor', 'object', 'login'];
	if (Array.isArray(value))
		return value.map((v) => poison(v, key));
	if (value !== null && typeof value === 'object')
		return Object.fromEntries(Object.entries(value).map(([k, v]) =>
			[k, poison(v, k)]));
	return typeof value === 'string' && names.includes(key) ? HOSTILE : value;
}

/* The examples of all that is read, poisoned. */
function poisoned() {
	const out = session('admin');
	for (const [pattern, item] of Object.entries(api.paths)) {
		const example = item.get?.responses['200']?.content?.[
			'application/json']?.example;
		if (example && pattern !== '/session')
			out[`GET ${pattern}`] = () => ({ body: poison(example) });
	}
	return out;
}

async function withMock(browser, overrides, work, options) {
	const mock = await startMock({ dist: config.dist, api, overrides });
	const page = await open(browser, options);
	try {
		await work(page, mock.url, mock);
	} finally {
		await page.context().close();
		await mock.stop();
	}
}

const empty = (browser) => withMock(browser, { ...session('editor'),
	'GET /domains': nothing, 'GET /domains/unregistered': nothing,
	'GET /reports': nothing, 'GET /reporters': nothing,
}, async (page, url) => {
	for (const [name, path] of [['domains', '/'], ['reports', '/reports'],
		['reporters', '/reporters']]) {
		await visit(page, url + path);
		equal(await page.locator('main .state').count(), 1,
			`${name}: says that there is nothing`);
		await shot(page, `state-empty-${name}`);
	}
	await calm(page, 'empty');
});

const failing = (browser) => withMock(browser, { ...session('viewer'),
	'GET /domains': () => ({ status: 503, body: { code: 'busy', status: 503,
		title: 'Busy', detail: 'database is locked' } }),
	'GET /domains/unregistered': nothing,
}, async (page, url, mock) => {
	await visit(page, url + '/');
	ok(await page.getByRole('alert').getByText(/database is busy/).isVisible(),
		'an error is told in the language of the reader');
	await shot(page, 'state-error');
	equal(await findings(page), [], 'an error: axe');
	delete mock.options.overrides['GET /domains'];
	await page.getByRole('button', { name: 'Try again' }).click();
	await page.getByRole('link', { name: 'example.com', exact: true })
		.waitFor();
	ok(true, 'trying again works');
	await calm(page, 'an error');
});

const slow = (browser) => withMock(browser, { ...session('viewer'),
	'GET /domains': () => ({ delay: 1500, body: { items: [], next: null } }),
	'GET /domains/unregistered': nothing,
}, async (page, url) => {
	await page.goto(url + '/');
	await page.locator('h1').waitFor();
	ok(await page.getByRole('status').getByText('Loading').isVisible(),
		'while it loads, that is said');
	await shot(page, 'state-loading');
	await settle(page);
	await calm(page, 'loading');
});

const ended = (browser) => withMock(browser, { 'GET /session': () => ({
	status: 401, body: { code: 'login_required', status: 401,
		title: 'Login required' } }) }, async (page, url) => {
	await page.goto(url + '/d/example.com?days=7');
	await page.waitForURL(/\/login\?next=/);
	await settle(page);
	equal(new URL(page.url()).searchParams.get('next'), '/d/example.com?days=7',
		'without a login: to the login, which knows where to go on');
	await calm(page, 'without a login');
});

/* Each page with hostile text: shown as text, nothing of it has become an
 * element, nothing has run. */
const hostile = (browser) => withMock(browser, poisoned(), async (page, url) => {
	let dialogs = 0;
	page.on('dialog', (d) => {
		dialogs++;
		d.dismiss();
	});
	for (const path of ['/', '/d/example.com', '/d/example.com/senders',
		'/d/example.com/senders/12', '/d/example.com/tallies',
		'/d/example.com/dns', '/reports', '/reports/17', '/reporters',
		'/ingest', '/me', '/settings', '/settings/audit']) {
		await visit(page, url + path);
		const found = await page.evaluate((text) => ({
			shown: document.body.textContent.includes(text),
			made: document.querySelectorAll(
				'main script, main b, img[src="x"], [onerror]').length,
			links: [...document.querySelectorAll('a[href]')].filter((a) =>
				new URL(a.href).origin !== location.origin).length,
		}), HOSTILE);
		equal(found, { shown: true, made: 0, links: 0 },
			`hostile text is text: ${path}`);
	}
	await shot(page, 'state-hostile');
	equal(dialogs, 0, 'hostile text: no script has run');
	await calm(page, 'hostile text');
});

export async function states(browser) {
	for (const one of [empty, failing, slow, ended, hostile])
		await one(browser);
}
