/* prefs.js - what this browser remembers: language and theme, nothing of the
 * data. A browser that refuses to store forgets them, and works. */
export function read(name) {
	try {
		return window.localStorage.getItem('ruad.' + name);
	} catch {
		return null;
	}
}

export function write(name, value) {
	try {
		if (value === null)
			window.localStorage.removeItem('ruad.' + name);
		else
			window.localStorage.setItem('ruad.' + name, value);
	} catch {
		/* A private window. */
	}
}
