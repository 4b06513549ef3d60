/* Rehearsal - what the policy chosen beside would have made of the messages of
 * the last weeks. */
import { useData } from '../lib/data.js';
import { has, number, t } from '../lib/i18n.js';
import { isoDay } from '../lib/period.js';
import { path } from '../lib/route.js';
import { ClassBadge } from './Badge.jsx';
import { Link } from './Link.jsx';
import { Mark } from './Mark.jsx';
import { Wait } from './State.jsx';
import { Table } from './Table.jsx';

const DAYS = 28;
const KIND = { yes: 'good', no: 'warn', no_data: 'none' };

const columns = (domain) => [
	{ key: 'sender', head: t('col.sender'), row: true, cell: (s) => s.id === null
		? <bdi>{s.sender}</bdi>
		: <Link to={path('d', domain, 'senders', String(s.id)) + '?days=30'}>
			<bdi>{s.sender}</bdi></Link> },
	{ key: 'class', head: t('col.class'),
		cell: (s) => <ClassBadge name={s.class} /> },
	{ key: 'hit', head: t('col.hit'), kind: 'number',
		cell: (s) => number(s.refused) },
	{ key: 'of', head: t('col.of'), kind: 'number',
		cell: (s) => number(s.messages) },
];

/* A condition that this console does not know is told by its code. */
const condition = (c) => t(has(`condition.${c.code}`) ? `condition.${c.code}`
	: 'condition.other', c);

function Answer({ s, domain }) {
	const hit = s.senders.filter((x) => x.refused > 0).slice(0, 10);
	return <>
		<p class="policy-line"><Mark kind={KIND[s.answer]} />
			<strong>{t(`rehearsal.${s.answer}`, { p: s.policy.p })}</strong></p>
		<ul class="checks">{s.conditions.map((c) => (
			<li key={c.code}><Mark kind={c.met ? 'good' : c.of_data ? 'none'
				: 'warn'} />
				<span><span class="hidden">{c.met ? t('met') : t('not_met')} </span>
					{condition(c)}</span></li>))}
		</ul>
		<dl>
			<dt>{t('rehearsal.mine')}</dt>
			<dd><Link to={path('d', domain, 'senders') +
				`?class=mine_fail&from=${s.from}&to=${s.to}`}>
				{t('rehearsal.of', { hit: s.mine_refused, all: s.mine })}</Link></dd>
			<dt>{t('class.forwarded')}</dt>
			<dd>{t('rehearsal.of', { hit: s.forwarded_refused,
				all: s.forwarded })}</dd>
			<dt>{t('class.unknown')}</dt>
			<dd><Link to={path('d', domain, 'senders') +
				`?class=unknown&from=${s.from}&to=${s.to}`}>
				{t('rehearsal.of', { hit: s.unknown_refused, all: s.unknown })}
			</Link></dd>
			<dt>{t('rehearsal.pass')}</dt>
			<dd>{t('rehearsal.now_then', { now: s.pass_now,
				then: s.pass_then })}</dd>
			<dt>{t('rehearsal.dkim_only')}</dt>
			<dd>{number(s.dkim_only)}</dd>
		</dl>
		{hit.length > 0 && <Table caption={t('rehearsal.senders')}
			columns={columns(domain)} rows={hit} />}
	</>;
}

export function Rehearsal({ domain, draft }) {
	const now = Date.now();
	const data = useData(path('domains', domain, 'simulate'), {
		from: isoDay(now - (DAYS - 1) * 86400000), to: isoDay(now),
		p: draft.p, sp: draft.sp, np: draft.np, adkim: draft.adkim ?? 'r',
		aspf: draft.aspf ?? 'r' });
	return (
		<section class="panel" aria-live="polite">
			<h2>{t('rehearsal.title', { n: DAYS })}</h2>
			<Wait on={data}>{(s) => <Answer s={s} domain={domain} />}</Wait>
		</section>
	);
}
