/* language.js - which language, and its catalogue: loaded when it is wanted,
 * for nobody reads four. */
import { LANGUAGES, use } from './i18n.js';
import { read, write } from './prefs.js';

const load = {
	en: () => import('../text/en.json'),
	ja: () => import('../text/ja.json'),
	ko: () => import('../text/ko.json'),
	it: () => import('../text/it.json'),
};

/* The stored choice, else what the browser asks for, else English. */
export function preferred() {
	const stored = read('language');
	if (LANGUAGES.includes(stored))
		return stored;
	for (const tag of navigator.languages ?? []) {
		const base = tag.slice(0, 2).toLowerCase();
		if (LANGUAGES.includes(base))
			return base;
	}
	return 'en';
}

export async function setLanguage(name, { store = true } = {}) {
	use(name, (await load[name]()).default);
	document.documentElement.lang = name;
	if (store)
		write('language', name);
	window.dispatchEvent(new Event('ruad:language'));
}
