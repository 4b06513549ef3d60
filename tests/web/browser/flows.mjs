/* flows.mjs - what people do, against the real server with the sample data: one
 * way through each page, for the roles that may go it. */
import { PASSWORD, button, enter, firstLogin } from './enter.mjs';
import { calm, config, equal, findings, ok, open, settle, shot, visit }
	from './harness.mjs';
import { totp } from './totp.mjs';

const DOMAIN = 'example.com';

const linkTo = (page, name) => page.getByRole('link', { name, exact: true });

async function domains(page) {
	const row = page.getByRole('row').filter({ has: linkTo(page, DOMAIN) });
	ok(await row.getByText('quarantine: not yet').isVisible(),
		'domains: the next step');
	ok(await page.getByText('old.example').isVisible(),
		'domains: one that nobody registered');
	await page.getByRole('searchbox').fill('example.jp');
	await page.waitForURL(/q=example.jp/);
	await linkTo(page, DOMAIN).waitFor({ state: 'detached' });
	ok(await linkTo(page, 'example.jp').isVisible(), 'domains: the filter');
	await visit(page, config.url + '/');
	await linkTo(page, DOMAIN).click();
	await page.waitForURL(`**/d/${DOMAIN}`);
	await settle(page);
	equal(await page.evaluate(() => document.activeElement.tagName), 'H1',
		'the focus is on the heading of the new page');
	await calm(page, 'domains');
}

async function domain(page) {
	equal(await page.locator('.card').count(), 5, 'domain: five cards');
	ok(await page.locator('.chart').isVisible(), 'domain: the chart');
	await button(page, 'Show as table').click();
	ok(await page.getByRole('table', { name: /Messages per day/ }).isVisible(),
		'domain: the chart as a table');
	await button(page, 'Show as table').click();
	await button(page, '7 d').click();
	await page.waitForURL(/days=7/);
	await settle(page);
	equal(await button(page, '7 d').getAttribute('aria-pressed'), 'true',
		'domain: seven days');
	await page.locator('.card').nth(1).getByRole('link').first().click();
	await page.waitForURL(/senders\?.*class=/);
	await settle(page);
	await calm(page, 'domain');
}

/* By the keyboard: the head of a column sorts. */
async function senders(page) {
	await visit(page, `${config.url}/d/${DOMAIN}/senders`);
	const head = page.getByRole('columnheader', { name: 'Of' });
	await head.getByRole('button').focus();
	await page.keyboard.press('Enter');
	await page.waitForURL(/sort=-messages/);
	await settle(page);
	equal(await head.getAttribute('aria-sort'), 'descending',
		'senders: sorted by the keyboard');
	await page.getByLabel('By', { exact: true }).selectOption('ip');
	await page.waitForURL(/group=ip/);
	await settle(page);
	ok(await page.getByRole('rowheader').count() > 3, 'senders: by address');
	const [download] = await Promise.all([page.waitForEvent('download'),
		linkTo(page, 'CSV').click()]);
	ok(await download.path(), 'senders: as CSV');
	await visit(page, `${config.url}/d/${DOMAIN}/senders?class=unknown`);
	await page.getByRole('rowheader').first().getByRole('link').click();
	await page.waitForURL(/senders\/\d+/);
	await settle(page);
	await calm(page, 'senders');
}

async function labelSender(page) {
	ok(await page.getByRole('heading', { name: 'Why it fails' }).isVisible(),
		'sender: why it fails');
	await page.getByRole('radio', { name: /^Not mine/ }).check();
	await page.getByLabel('Note').fill('<b>not ours</b>');
	await button(page, 'Save').click();
	await page.getByText(/^Labelled/).waitFor();
	await page.reload();
	await settle(page);
	ok(await page.getByRole('radio', { name: /^Not mine/ }).isChecked(),
		'sender: the label is kept');
	equal(await page.getByLabel('Note').inputValue(), '<b>not ours</b>',
		'sender: so is the note, as it was typed');
	await calm(page, 'sender');
	return new URL(page.url()).pathname;
}

async function edit(page) {
	await visit(page, `${config.url}/d/${DOMAIN}/policy`);
	for (const tag of ['p', 'sp', 'np', 't=y', 'psd', 'adkim', 'aspf', 'fo',
		'rua', 'ruf', 'pct', 'rf', 'ri'])
		ok(await page.getByText(new RegExp(`^${tag}: `)).count() > 0,
			`policy: ${tag} is there`);
	await page.getByRole('radio', { name: /^quarantine/ }).check();
	await page.waitForFunction(() => /^v=DMARC1; p=quarantine/.test(
		document.querySelector('.copy pre')?.textContent));
	ok(true, 'policy: the new record');
	await page.getByText('p=quarantine is not safe yet').waitFor();
	ok(true, 'policy: the rehearsal beside it');
}

async function policy(page) {
	await edit(page);
	await button(page, 'Next').click();
	await page.waitForURL(/step=publish/);
	for (const way of ['BIND', 'Route 53', 'Terraform']) {
		await button(page, way).first().click();
		ok(/quarantine/.test(await page.locator('.panel pre').first()
			.textContent()), `policy: published with ${way}`);
	}
	await button(page, 'Next').click();
	await page.waitForURL(/step=verify/);
	await page.getByText('Not yet as it should be').waitFor();
	ok(true, 'policy: DNS has not got it yet');
	await calm(page, 'policy');
}

async function dns(page) {
	await visit(page, `${config.url}/d/${DOMAIN}/dns`);
	ok(await page.getByText('include:sendgrid.net').first().isVisible(),
		'dns: the tree of SPF');
	ok(await page.getByText('s1._domainkey.example.com').first().isVisible(),
		'dns: keys of the selectors in reports');
	await page.locator('summary', { hasText: 'All answers' }).click();
	ok(await page.getByRole('cell', { name: /v=DMARC1; p=none/ }).first()
		.isVisible(), 'dns: what came');
	await calm(page, 'dns');
}

async function reports(page) {
	await visit(page, `${config.url}/reports?domain=${DOMAIN}`);
	const before = await page.getByRole('rowheader').count();
	await button(page, 'Show more').click();
	await page.waitForFunction((n) => document.querySelectorAll(
		'tbody th').length > n, before);
	ok(true, 'reports: the next page');
	await page.getByRole('rowheader').first().getByRole('link').click();
	await page.waitForURL(/reports\/\d+/);
	await settle(page);
	ok(await page.getByRole('rowheader').count() > 0, 'report: its records');
	const [download] = await Promise.all([page.waitForEvent('download'),
		linkTo(page, 'XML').click()]);
	ok(await download.path(), 'report: as XML');
	await calm(page, 'reports');
	return new URL(page.url()).pathname;
}

async function reporters(page) {
	await visit(page, config.url + '/reporters');
	ok(await page.getByText(/quiet for \d+ days/).first().isVisible(),
		'reporters: one went quiet');
	await calm(page, 'reporters');
}

async function upload(page) {
	await visit(page, config.url + '/reports');
	await button(page, 'Upload report').click();
	await page.getByLabel('File').setInputFiles({ name: 'bad.xml',
		mimeType: 'application/xml', buffer: Buffer.from('<feedback><record>') });
	await button(page, 'Take in').click();
	await page.getByRole('dialog').locator('[role=alert], [role=status]')
		.first().waitFor();
	await shot(page, 'flow-upload');
	await button(page, 'Close').click();
	equal(await page.getByRole('dialog').count(), 0, 'upload: closed');
	await calm(page, 'upload');
}

/* Registered, published nowhere, deleted by the typed word. */
async function registered(page) {
	await visit(page, config.url + '/');
	await button(page, 'Register old.example').click();
	await page.getByRole('dialog').getByRole('button', { name: 'Register' })
		.click();
	await page.waitForURL('**/d/old.example/policy');
	await settle(page);
	await visit(page, config.url + '/d/old.example/manage');
	ok(await button(page, 'Delete').isDisabled(), 'delete: not without the word');
	await page.getByLabel(/Type "delete"/).fill('delete');
	await button(page, 'Delete').click();
	await stepUp(page, page.getByRole('heading', { name: 'Domains' }));
	await page.waitForURL(config.url + '/');
	await settle(page);
	ok(await page.getByText('old.example').isVisible(),
		'deleted: its reports are of a domain that nobody registered');
	await calm(page, 'register and delete');
}

async function ingest(page) {
	await visit(page, config.url + '/ingest');
	ok(await page.getByText('database', { exact: true }).isVisible(),
		'ingest: size of the database');
	/* The editor's upload that could not be read. */
	await page.getByRole('button', { name: /^Retry no/ }).first().click();
	await page.getByRole('status').filter({ hasText: 'refused' }).waitFor();
	ok(true, 'ingest: tried again, and refused again');
	await calm(page, 'ingest');
}

/* The password again, where the server asks for it before `sign` shows. */
async function stepUp(page, sign) {
	const dialog = page.getByRole('dialog', { name: 'Your password again' });
	await dialog.or(sign).first().waitFor();
	if (!await dialog.isVisible())
		return;
	await dialog.getByLabel('Password').fill(PASSWORD);
	await dialog.getByRole('button', { name: 'Go on' }).click();
	await sign.waitFor();
}

async function settings(page) {
	await visit(page, config.url + '/settings');
	await button(page, 'New user').click();
	const dialog = page.getByRole('dialog', { name: 'New user' });
	await dialog.getByLabel('User name').fill('taro');
	await dialog.getByRole('radio', { name: /^Editor/ }).check();
	await dialog.getByRole('button', { name: 'Save' }).click();
	await stepUp(page, page.getByText('It is shown only now'));
	await shot(page, 'flow-new-user');
	await button(page, 'Close').click();
	await page.getByRole('rowheader', { name: /taro/ }).waitFor();
	ok(true, 'settings: a new user');
	await visit(page, config.url + '/settings/audit');
	ok(await page.getByRole('cell', { name: 'user.add' }).first().isVisible(),
		'settings: it is in the audit log');
	await calm(page, 'settings');
}

async function account(page) {
	await visit(page, config.url + '/me');
	await button(page, 'New token').click();
	await page.getByRole('dialog').getByLabel('Name').fill('grafana');
	await button(page, 'Create').click();
	await stepUp(page, page.getByText(/^ruad_pat_/));
	await button(page, 'Close').click();
	await page.getByRole('rowheader', { name: 'grafana' }).waitFor();
	ok(true, 'account: a token for scripts');
	await page.getByLabel('Language').selectOption('ja');
	await page.getByRole('heading', { name: 'マイアカウント' }).waitFor();
	ok(true, 'account: in Japanese at once');
	await page.getByLabel('言語').selectOption('en');
	await page.getByRole('heading', { name: 'My account' }).waitFor();
	await calm(page, 'account');
}

/* Who may only look finds no controls, and the API refuses them too. */
async function looksOnly(page) {
	for (const [path, name] of [['/', 'Register domain'],
		['/reports', 'Upload report'], [`/d/${DOMAIN}/policy`, 'Next']]) {
		await visit(page, config.url + path);
		equal(await button(page, name).count(), 0, `viewer: no "${name}"`);
	}
	equal(await linkTo(page, 'Settings').count(), 0, 'viewer: no settings');
	await visit(page, config.url + '/settings');
	ok(await page.getByText('Your role does not allow this.').isVisible(),
		'viewer: the page of settings says so');
	equal(await page.evaluate(async () => (await fetch('/api/v1/domains', {
		method: 'POST', headers: { 'Content-Type': 'application/json' },
		body: '{"name":"x.example"}' })).status), 403,
	'viewer: the API refuses too');
	await calm(page, 'viewer');
}

async function leave(page) {
	await button(page, 'Log out').click();
	await page.waitForURL(/\/login/);
	await page.goto(config.url + '/reports');
	await page.waitForURL(/\/login\?next=%2Freports/);
	ok(true, 'after logging out: the login');
	await enter(page, config.users.viewer.login, PASSWORD);
	await page.waitForURL(config.url + '/reports');
	ok(true, 'after the login: where one was going');
	await calm(page, 'logging out');
}

/* With the second factor: a code that was used is not taken again. */
async function secondFactor(page, secret) {
	await button(page, 'Log out').click();
	await page.waitForURL(/\/login/);
	await enter(page, config.users.admin.login, PASSWORD);
	await page.getByText('Now the second factor.').waitFor();
	await page.getByLabel('Code', { exact: true }).fill('000000');
	await button(page, 'Log in').click();
	await page.getByRole('alert').waitFor();
	ok(true, 'second factor: a wrong code is told');
	await page.getByLabel('Code', { exact: true }).fill(totp(secret, 1));
	await button(page, 'Log in').click();
	await page.getByRole('heading', { level: 1, name: 'Domains' }).waitFor();
	ok(true, 'second factor: the right one lets in');
	await calm(page, 'second factor');
}

const pagesOf = (sender, report) => [
	['domains', '/'], ['domain', `/d/${DOMAIN}`],
	['domain-parked', '/d/parked.example?days=30'],
	['senders', `/d/${DOMAIN}/senders`], ['sender', sender],
	['policy', `/d/${DOMAIN}/policy`],
	['publish', `/d/${DOMAIN}/policy?step=publish`],
	['dns', `/d/${DOMAIN}/dns`], ['tallies', `/d/${DOMAIN}/tallies`],
	['manage', `/d/${DOMAIN}/manage`], ['reports', '/reports'],
	['report', report], ['reporters', '/reporters'], ['ingest', '/ingest'],
	['me', '/me'], ['users', '/settings'], ['audit', '/settings/audit'],
	['about', '/settings/about'], ['missing', '/nothing'],
];

async function asViewer(browser) {
	const page = await open(browser);
	await firstLogin(page, config.users.viewer);
	await looksOnly(page);
	await leave(page);
	await page.context().close();
}

async function asEditor(browser) {
	const page = await open(browser);
	await firstLogin(page, config.users.editor);
	await domains(page);
	await domain(page);
	await senders(page);
	const sender = await labelSender(page);
	await policy(page);
	await dns(page);
	const report = await reports(page);
	await reporters(page);
	await upload(page);
	await registered(page);
	await page.context().close();
	return pagesOf(sender, report);
}

async function asAdmin(browser) {
	const page = await open(browser);
	const secret = await firstLogin(page, config.users.admin, { factor: true });
	await secondFactor(page, secret);
	await ingest(page);
	await settings(page);
	await account(page);
	equal(await findings(page), [], 'account: axe');
	const storage = await page.context().storageState();
	await page.context().close();
	return storage;
}

export async function flows(browser) {
	await asViewer(browser);
	const pages = await asEditor(browser);
	return { pages, storage: await asAdmin(browser) };
}
