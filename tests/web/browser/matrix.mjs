/* matrix.mjs - every page, in four languages, both themes and both widths:
 * complete, quiet, no wider than the window; pictures for people to look at. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NARROW, WIDE, bareKeys, calm, config, equal, findings, open, overflow,
	shot, visit } from './harness.mjs';

const LANGUAGES = ['en', 'ja', 'ko', 'it'];

/* The variants: all eight of English and Japanese, two of the others. */
const VARIANTS = LANGUAGES.flatMap((language) => ['light', 'dark']
	.flatMap((theme) => [WIDE, NARROW].map((viewport) =>
		({ language, theme, viewport }))))
	.filter((v) => ['en', 'ja'].includes(v.language) ||
		(v.theme === 'light') === (v.viewport === WIDE));

const texts = (language) => JSON.parse(readFileSync(path.join(config.ui,
	`src/text/${language}.json`), 'utf8'));

const nameOf = (v) => `${v.language}-${v.theme}-${v.viewport.width}`;

async function look(page, base, [name, url], variant) {
	const id = `${name} ${nameOf(variant)}`;
	await visit(page, base + url);
	await shot(page, `${name}-${nameOf(variant)}`);
	equal(await overflow(page), 0, `${id}: fits the window`);
	equal(await page.locator('main .state-bad').allInnerTexts(), [],
		`${id}: no error`);
	equal(await bareKeys(page, Object.keys(texts(variant.language))), [],
		`${id}: every text is there`);
	equal(await page.evaluate(() => document.documentElement.lang),
		variant.language, `${id}: its language`);
	/* What axe finds does not depend on the language. */
	if (variant.language === 'en')
		equal(await findings(page), [], `${id}: axe`);
	await calm(page, id);
}

export async function matrix(browser, { base, pages, storage }) {
	for (const variant of VARIANTS) {
		const page = await open(browser, { ...variant, storage });
		for (const one of pages)
			await look(page, base, one, variant);
		await page.context().close();
	}
}
