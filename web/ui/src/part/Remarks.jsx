/* Remarks - what the server found about a record or a name in DNS. Ours is a
 * short heading by the code; the server's text has the particulars. */
import { has, t } from '../lib/i18n.js';
import { Mark } from './Mark.jsx';

export const SEVERITY_KIND = { info: 'info', ok: 'good', warning: 'warn',
	unknown: 'unknown', error: 'bad' };

/* OF_KEY: only one of the two generations of receivers cares. */
const OF_KEY = { 7489: 'remark.of_7489', 9989: 'remark.of_9989' };

export function Remarks({ list }) {
	return (
		<ul class="checks">{list.map((r, i) => {
			const key = `remark.${r.code}`;
			return (
				<li key={i}><Mark kind={SEVERITY_KIND[r.severity]} />
					<div>
						<span class="hidden">{t(`severity.${r.severity}`)} </span>
						{has(key) && <strong>{t(key)} </strong>}
						<span>{r.text}</span>
						{r.pos !== null && r.len > 0 && <span class="quiet">
							{' '}{t('remark.at', { at: r.pos + 1 })}</span>}
						{OF_KEY[r.of] && <span class="quiet">
							{' '}{t(OF_KEY[r.of])}</span>}
					</div>
				</li>);
		})}</ul>
	);
}
