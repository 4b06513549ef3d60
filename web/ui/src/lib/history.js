/* history.js - where the browser is, and moving on without loading anew. */
import { useEffect, useState } from 'preact/hooks';
import { match, query } from './route.js';

const EVENT = 'ruad:move';

export function here() {
	const { pathname, search, hash } = window.location;
	return { ...match(pathname), pathname, hash,
		query: Object.fromEntries(new URLSearchParams(search)) };
}

export function go(url, { replace = false } = {}) {
	window.history[replace ? 'replaceState' : 'pushState'](null, '', url);
	window.dispatchEvent(new Event(EVENT));
}

/* Filters live in the address, so that a view can be sent to a colleague. */
export function setQuery(changes) {
	const at = here();
	go(at.pathname + query({ ...at.query, ...changes }), { replace: true });
}

export function useLocation() {
	const [at, setAt] = useState(here);
	useEffect(() => {
		const moved = () => setAt(here());
		window.addEventListener('popstate', moved);
		window.addEventListener(EVENT, moved);
		return () => {
			window.removeEventListener('popstate', moved);
			window.removeEventListener(EVENT, moved);
		};
	}, []);
	return at;
}
