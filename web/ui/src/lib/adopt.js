/* adopt.js - language and theme of a user, who may come with another browser:
 * taken over at the login where this browser has no choice of its own, and told
 * to the server when they change. */
import { patch } from './api.js';
import { language } from './i18n.js';
import { setLanguage } from './language.js';
import { read } from './prefs.js';
import { setTheme } from './theme.js';

export async function adopt(session) {
	if (read('theme') === null && session.theme)
		setTheme(session.theme);
	if (read('language') === null && session.language &&
		session.language !== language())
		await setLanguage(session.language, { store: false });
}

/* It holds in this browser even where the server does not take it. */
export function remember(session, change) {
	if (session !== null)
		patch('/me', change).catch(() => {});
}
