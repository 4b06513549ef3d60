/* theme.js - light, dark, or what the system says ("auto"). The style sheet
 * knows the system's wish; only an override is an attribute. */
import { read, write } from './prefs.js';

export const THEMES = ['auto', 'light', 'dark'];

export function theme() {
	const stored = read('theme');
	return THEMES.includes(stored) ? stored : 'auto';
}

export function applyTheme() {
	const name = theme();
	if (name === 'auto')
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = name;
}

export function setTheme(name) {
	write('theme', name === 'auto' ? null : name);
	applyTheme();
}
