/* RecordNow - what DNS has now, and what receivers make of it. */
import { clock, t, time } from '../lib/i18n.js';
import { Badge } from './Badge.jsx';
import { RecordText } from './RecordText.jsx';
import { Remarks } from './Remarks.jsx';

const STANDING_KIND = { registered: 'none', published: 'warn',
	verified: 'good', failing: 'bad' };

const Effective = ({ name, reading: r }) => (
	<>
		<dt>{name}</dt>
		<dd>{r.state === 'policy' ? <>
			<code>{`p=${r.policy ?? r.p}`}</code>
			{' '}{t('record.from', { domain: r.record_domain ?? '',
				tag: r.tag ?? 'p' })}</> : t(`record.state.${r.state}`)}</dd>
	</>
);

export function RecordNow({ record: r }) {
	return (
		<section class="panel">
			<h2>{t('record.now')}</h2>
			<p class="policy-line">
				{r.standing && <Badge kind={STANDING_KIND[r.standing]}>
					{t(`standing.${r.standing}`)}</Badge>}
				{r.standing_since_utc && <span class="quiet">
					{t('record.since', { time: time(r.standing_since_utc) })}</span>}
				<span class="quiet">{r.ttl === null
					? t('record.asked', { time: clock(r.asked_utc) })
					: t('record.asked_ttl', { time: clock(r.asked_utc),
						ttl: r.ttl })}</span>
			</p>
			{r.records.length === 0 && <p>{t(`dns.${r.outcome}`)}</p>}
			{r.records.map((text, i) => <RecordText key={i} text={text}
				remarks={i === 0 ? r.problems : []} />)}
			{r.inherited_from && <p>{t('policy.inherited',
				{ from: r.inherited_from })}</p>}
			<Remarks list={r.problems} />
			<h3>{r.effective.differ ? t('record.differ') : t('record.effective')}
			</h3>
			<dl>
				<Effective name={t('rfc.9989')} reading={r.effective.rfc9989} />
				<Effective name={t('rfc.7489')} reading={r.effective.rfc7489} />
			</dl>
		</section>
	);
}
