/* route.js - which page a path is. Pure, so that it can be tested without a
 * browser; history.js moves between pages. */

/* The first that matches; {x} takes one piece. */
export const ROUTES = [
	['/', 'domains'],
	['/login', 'login'],
	['/login/2fa', 'second'],
	['/me', 'me'],
	['/d/{domain}', 'domain'],
	['/d/{domain}/senders', 'senders'],
	['/d/{domain}/senders/{sender}', 'sender'],
	['/d/{domain}/policy', 'policy'],
	['/d/{domain}/dns', 'dns'],
	['/d/{domain}/tallies', 'tallies'],
	['/d/{domain}/manage', 'manage'],
	['/reports', 'reports'],
	['/reports/{report}', 'report'],
	['/reporters', 'reporters'],
	['/ingest', 'ingest'],
	['/settings', 'settings'],
	['/settings/{tab}', 'settings'],
];

const pieces = (path) => path.split('/').filter((p) => p !== '');

function decode(piece) {
	try {
		return decodeURIComponent(piece);
	} catch {
		return null; /* not ours: a stray percent sign */
	}
}

/* {name, params}, or name "missing". */
export function match(pathname) {
	const have = pieces(pathname);
	for (const [pattern, name] of ROUTES) {
		const want = pieces(pattern);
		if (want.length !== have.length)
			continue;
		const params = {};
		const fits = want.every((w, i) => {
			if (!w.startsWith('{'))
				return w === have[i];
			params[w.slice(1, -1)] = decode(have[i]);
			return params[w.slice(1, -1)] !== null;
		});
		if (fits)
			return { name, params };
	}
	return { name: 'missing', params: {} };
}

/* A path of pieces that may hold anything: path('d', 'a/b') is /d/a%2Fb. */
export const path = (...parts) =>
	'/' + parts.map((p) => encodeURIComponent(p)).join('/');

/* ?a=1&b=2, or nothing; what is null, undefined, false or '' is left out. */
export function query(values) {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(values))
		if (v !== null && v !== undefined && v !== '' && v !== false)
			q.set(k, String(v));
	const text = q.toString();
	return text === '' ? '' : '?' + text;
}

/* A link that came from the server is followed only inside the console: one
 * slash, and not the "//host" or "/\host" that browsers take for another
 * site. */
export const isOurs = (href) => typeof href === 'string' &&
	/^\/(?![/\\])/.test(href);
