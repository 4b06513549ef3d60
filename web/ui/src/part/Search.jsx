/* Search - a filter that is asked of the server once typing pauses. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { setQuery } from '../lib/history.js';

const PAUSE_MS = 300;

export function Search({ name = 'q', value = '', label, ...input }) {
	const [text, setText] = useState(value);
	const timer = useRef(null);
	useEffect(() => () => clearTimeout(timer.current), []);
	const change = (e) => {
		const typed = e.target.value;
		setText(typed);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setQuery({ [name]: typed.trim() }),
			PAUSE_MS);
	};
	return <input type="search" aria-label={label} placeholder={label}
		value={text} onInput={change} {...input} />;
}
