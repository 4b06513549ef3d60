/* Copy - text to be put elsewhere, and the button that copies it. Where the
 * browser refuses (no HTTPS), the text is selected for the keyboard. */
import { useRef, useState } from 'preact/hooks';
import { t } from '../lib/i18n.js';

export function Copy({ text, label }) {
	const ref = useRef(null);
	const [done, setDone] = useState(null);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text);
			setDone('copy.done');
		} catch {
			window.getSelection().selectAllChildren(ref.current);
			setDone('copy.selected');
		}
	};
	return (
		<div class="copy">
			<pre ref={ref} tabIndex={0} aria-label={label}>{text}</pre>
			<button type="button" onClick={copy}>{t('copy')}</button>
			<span role="status" class="quiet">{done && t(done)}</span>
		</div>
	);
}
