/* Preview - the record that the form makes, against the one in DNS. */
import { t } from '../lib/i18n.js';
import { Copy } from './Copy.jsx';
import { Remarks } from './Remarks.jsx';

export const Diff = ({ changes }) => (
	<ul class="diff">{changes.map((c) => (
		<li key={c.tag}><code>{c.tag}</code>{' '}
			{c.before !== null && <del>{c.before}</del>}
			{c.before !== null && c.after !== null && ' → '}
			{c.after !== null ? <ins>{c.after}</ins> : <span class="quiet">
				{' '}{t('diff.gone')}</span>}
		</li>))}
	</ul>
);

export function Preview({ preview: p }) {
	return (
		<section class="panel">
			<h2>{t('preview.title')}</h2>
			<Copy text={p.record} label={t('preview.title')} />
			{p.bytes > 255 && <p class="quiet">{t('preview.long',
				{ bytes: p.bytes })}</p>}
			{p.rua_added && <p class="quiet">{t('preview.rua_added')}</p>}
			<h3>{t('preview.diff')}</h3>
			{p.diff.length === 0 ? <p>{t('preview.same')}</p>
				: <Diff changes={p.diff} />}
			<Remarks list={p.warnings} />
		</section>
	);
}
