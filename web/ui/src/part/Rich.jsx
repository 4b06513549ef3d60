/* Rich - a text with elements inside: <Rich k={key} a={(text) => …} />.
 * Each tag of the catalogue's text is made by the property of its name. */
import { Fragment } from 'preact';
import { parts } from '../lib/i18n.js';

export function Rich({ k, values, ...make }) {
	return parts(k, values).map(([tag, text], i) =>
		<Fragment key={i}>{tag && make[tag] ? make[tag](text) : text}</Fragment>);
}
