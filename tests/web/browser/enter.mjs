/* enter.mjs - logging in, as each role has to. */
import { calm, config, ok, settle, shot, visit } from './harness.mjs';
import { totp } from './totp.mjs';

export const PASSWORD = 'correct horse battery staple';

export const button = (page, name) =>
	page.getByRole('button', { name, exact: true });

export async function enter(page, login, password) {
	await page.getByLabel('User name').fill(login);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await button(page, 'Log in').click();
}

/* The second factor, where the role needs one; its secret. */
async function enrol(page, login) {
	await page.getByText('Your role needs a second factor.').waitFor();
	await button(page, 'Set up').click();
	await page.getByRole('img', { name: /QR code/ }).waitFor();
	ok(await page.locator('img.qr').evaluate((i) => i.naturalWidth > 0),
		`${login}: the QR code is a picture`);
	await shot(page, 'flow-enrol');
	const secret = await page.locator('code').first().textContent();
	await page.getByLabel('Code', { exact: true }).fill(totp(secret));
	await button(page, 'Confirm').click();
	await page.getByText('Recovery codes').first().waitFor();
	ok((await page.locator('.copy pre').textContent()).split('\n').length >= 8,
		`${login}: recovery codes`);
	await button(page, 'I have kept them').click();
	return secret;
}

/* With the one-time password: a wrong one first, then one's own. */
export async function firstLogin(page, { login, password }, { factor } = {}) {
	await visit(page, config.url + '/');
	await page.waitForURL(/\/login/);
	await enter(page, login, 'wrong');
	await page.getByText('The name or the password is wrong.').waitFor();
	ok(true, `${login}: a wrong password is told`);
	await enter(page, login, password);
	await page.waitForURL(/\/login\/2fa/);
	await page.getByLabel('Present password').fill(password);
	await page.getByLabel('New password').fill(PASSWORD);
	await page.getByLabel('The new one again').fill(PASSWORD);
	await button(page, 'Change').click();
	const secret = factor ? await enrol(page, login) : null;
	await page.getByRole('heading', { level: 1, name: 'Domains' }).waitFor();
	await settle(page);
	ok(true, `${login}: is in, with a password of one's own`);
	await calm(page, `${login}: login`);
	return secret;
}
