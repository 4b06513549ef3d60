/* Link - an <a> that moves inside the console without loading anew. What the
 * browser does with a modifier key or the middle button stays the browser's. */
import { go } from '../lib/history.js';

export function Link({ to, children, ...rest }) {
	const click = (e) => {
		if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey ||
			e.shiftKey || e.altKey)
			return;
		e.preventDefault();
		go(to);
	};
	return <a href={to} onClick={click} {...rest}>{children}</a>;
}
