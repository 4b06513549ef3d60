/* run.mjs - all tests in the browser: run.mjs CONFIG.json, see browser.t. */
import { config, launch } from './harness.mjs';
import { flows } from './flows.mjs';
import { matrix } from './matrix.mjs';
import { states } from './states.mjs';

const browser = await launch();
try {
	await states(browser);
	const { storage, pages } = await flows(browser);
	await matrix(browser, { base: config.url, pages, storage });
} finally {
	await browser.close();
}
