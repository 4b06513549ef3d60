/* harness.mjs - a browser that watches itself: whatever it says on the console,
 * every error of a page and every breach of the Content-Security-Policy is a
 * failure. Results go to standard output, one JSON value a line. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const require = createRequire(path.join(config.ui, 'package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const WIDE = { width: 1240, height: 900 };
export const NARROW = { width: 390, height: 844 };

export const ok = (good, name, why = '') =>
	console.log(JSON.stringify({ ok: Boolean(good), name, why: String(why) }));

export const equal = (got, want, name) => ok(
	JSON.stringify(got) === JSON.stringify(want), name,
	`want: ${JSON.stringify(want)}\ngot:  ${JSON.stringify(got)}`);

export const launch = () => chromium.launch({
	executablePath: config.chromium,
	/* Tests may run as root, where Chromium has no sandbox of its own. */
	args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/* A page of a new profile. page.said is all that must not be there. */
export async function open(browser, { viewport = WIDE, language = 'en',
	theme = 'light', storage } = {}) {
	const context = await browser.newContext({ viewport, locale: 'en-GB',
		timezoneId: 'UTC', reducedMotion: 'reduce', storageState: storage });
	await context.addInitScript(([l, t]) => {
		localStorage.setItem('ruad.language', l);
		localStorage.setItem('ruad.theme', t);
		document.addEventListener('securitypolicyviolation', (e) =>
			console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
	}, [language, theme]);
	const page = await context.newPage();
	page.said = [];
	/* An answer of 4xx, which Chromium tells on the console, is the test's own
	 * doing or is found by what the page shows. */
	page.on('console', (m) => /Failed to load resource/.test(m.text()) ||
		page.said.push(m.text()));
	page.on('pageerror', (e) => page.said.push(e.stack));
	page.setDefaultTimeout(config.timeout);
	return page;
}

/* Nothing loads any more, and the page has a heading. */
export async function settle(page) {
	await page.waitForSelector('h1');
	await page.waitForFunction(() =>
		!document.querySelector('.spinner, [aria-busy="true"]'));
}

export async function visit(page, url) {
	await page.goto(url);
	await settle(page);
}

export const shot = (page, name) => page.screenshot({ fullPage: true,
	path: path.join(config.shots, name + '.png') });

/* Serious findings of axe, each with where it is. */
export async function findings(page) {
	await page.evaluate(axeSource);
	const { violations } = await page.evaluate(() =>
		window.axe.run(document, { resultTypes: ['violations'] }));
	return violations.filter((v) => ['serious', 'critical'].includes(v.impact))
		.map((v) => `${v.id}: ${v.nodes.slice(0, 3)
			.map((n) => n.target.join(' ')).join(', ')}`);
}

/* How far the page is wider than the window. */
export const overflow = (page) => page.evaluate(() => Math.max(0,
	document.documentElement.scrollWidth - window.innerWidth));

/* Keys that stand on the page in place of their texts. What is code may look
 * like one: an action of the audit log. */
export const bareKeys = (page, keys) => page.evaluate((all) =>
	[...document.querySelectorAll('body *')].filter((e) =>
		!e.closest('code, pre')).flatMap((e) => [...e.childNodes])
		.filter((n) => n.nodeType === Node.TEXT_NODE)
		.flatMap((n) => n.data.split(/\s+/)).filter((w) => all.includes(w)),
keys.filter((k) => /^[a-z_]+\.[\w.-]+$/.test(k)));

export async function calm(page, name) {
	equal(page.said, [], `${name}: nothing on the browser's console`);
	page.said.length = 0;
}
