/* Uris - addresses that reports go to. Those of this server are fixed; others
 * can be added. "mailto:" need not be typed. */
import { t } from '../lib/i18n.js';

export const toUri = (text) => {
	const trimmed = text.trim();
	return trimmed === '' || trimmed.includes(':') ? trimmed
		: 'mailto:' + trimmed;
};

const toAddress = (uri) => uri.replace(/^mailto:/i, '');

export function Uris({ label, hint, fixed, value, onChange }) {
	const others = value.filter((u) => !fixed.includes(u));
	const put = (list) => onChange([...fixed, ...list]);
	const change = (i, text) =>
		put(others.map((u, n) => n === i ? toUri(text) : u));
	return (
		<fieldset class="choice">
			<legend>{label}</legend>
			{fixed.map((u) => (
				<div class="uri" key={u}>
					<input value={toAddress(u)} readOnly aria-label={label} />
					<span class="quiet">{t('uri.fixed')}</span>
				</div>))}
			{others.map((u, i) => (
				<div class="uri" key={i}>
					<input value={toAddress(u)} aria-label={label} type="text"
						spellcheck={false} autocapitalize="none"
						onChange={(e) => change(i, e.target.value)} />
					<button type="button" aria-label={t('uri.remove_one',
						{ uri: toAddress(u) })}
						onClick={() => put(others.filter((_, n) => n !== i))}>
						{t('uri.remove')}</button>
				</div>))}
			<button type="button" onClick={() => put([...others, ''])}>
				{t('uri.add')}</button>
			{hint && <p class="hint">{hint}</p>}
		</fieldset>
	);
}
