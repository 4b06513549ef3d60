/* Ingest - what came in today, what was refused and why, and trying again. */
import { useState } from 'preact/hooks';
import { fileUrl, post } from '../lib/api.js';
import { useAction, useList } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { ago, bytes, number, t, time } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { OutcomeBadge } from '../part/Badge.jsx';
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { Failure } from '../part/State.jsx';
import { ListTable } from '../part/Table.jsx';

const Stat = ({ name, children }) =>
	<div><dt>{name}</dt><dd class="big">{children}</dd></div>;

function Counts({ data: d }) {
	return (
		<dl class="stats panel">
			<Stat name={t('ingest.last')}>{d.last_received_utc
				? ago(d.last_received_utc) : t('none')}</Stat>
			<Stat name={t('outcome.stored')}>
				<Link to="/reports">{number(d.counts.stored)}</Link></Stat>
			{d.daemon && <Stat name={t('outcome.duplicate')}>
				{number(d.daemon.duplicates)}</Stat>}
			<Stat name={t('outcome.conflict')}>{number(d.counts.conflict)}</Stat>
			<Stat name={t('outcome.refused')}>{number(d.counts.refused)}</Stat>
			<Stat name={t('outcome.not-a-report')}>
				{number(d.counts.not_a_report)}</Stat>
			{d.daemon && <Stat name={t('ingest.errors')}>
				{number(d.daemon.errors)}</Stat>}
			{d.daemon && <Stat name={t('ingest.queue')}>
				{number(d.daemon.queue)}</Stat>}
			<Stat name={t('ingest.store')}>{bytes(d.store.bytes +
				d.store.wal_bytes)}</Stat>
		</dl>
	);
}

function Reasons({ reasons, chosen }) {
	if (reasons.length === 0)
		return null;
	return (
		<div class="period filters" role="group" aria-label={t('ingest.reasons')}>
			{reasons.map((r) => (
				<button type="button" key={r.code + r.outcome}
					aria-pressed={r.code === chosen} onClick={() => setQuery({
						code: r.code === chosen ? null : r.code })}>
					{t('ingest.reason', { code: r.code, count: r.count })}
				</button>))}
		</div>
	);
}

function Retry({ item, done }) {
	const { busy, problem, run } = useAction();
	const [result, setResult] = useState(null);
	const retry = () => run(async () => {
		const { data } = await post(path('ingest', String(item.quarantine_key),
			'retry'), {});
		setResult(data);
		if (data.outcome === 'stored' || data.outcome === 'duplicate')
			done();
	});
	return <>
		<button type="button" disabled={busy} onClick={retry}
			aria-label={t('ingest.retry_one', { key: item.quarantine_key })}>
			{t('ingest.retry')}</button>
		{result && <span role="status"> <OutcomeBadge name={result.outcome} />
			</span>}
		{problem && <Failure problem={problem} />}
	</>;
}

const columns = (admin, reload) => [
	{ key: 'when', head: t('ingest.when'), kind: 'date', row: true,
		cell: (i) => time(i.received_utc) },
	{ key: 'from', head: t('ingest.from'), cell: (i) =>
		<bdi>{i.header_from ?? i.mail_from ?? t('none')}</bdi> },
	{ key: 'subject', head: t('ingest.subject'), cell: (i) => <>
		<bdi>{i.subject ?? i.file_name ?? t('none')}</bdi>
		{i.queue_id && <div class="quiet"><bdi>{i.queue_id}</bdi></div>}</> },
	{ key: 'outcome', head: t('col.outcome'), cell: (i) => <>
		<OutcomeBadge name={i.outcome} /> <code>{i.code}</code>
		<div><bdi>{i.text}</bdi></div>
		{i.advice && <div class="quiet">{i.advice}</div>}</> },
	{ key: 'bytes', head: t('ingest.size'), kind: 'number',
		cell: (i) => bytes(i.bytes) },
	...(admin ? [{ key: 'do', head: t('col.do'), cell: (i) => i.kept
		? <div class="actions">
			<a class="button" download href={fileUrl(path('ingest',
				String(i.quarantine_key), 'raw'))}>{t('ingest.raw')}</a>
			<Retry item={i} done={reload} /></div>
		: <span class="quiet">{t('ingest.gone')}</span> }] : []),
];

export default function Ingest({ query }) {
	const list = useList('/ingest', { code: query.code });
	const admin = may(useSession(), 'admin');
	return (
		<Page title={t('nav.ingest')}>
			{list.data && <Counts data={list.data} />}
			{list.data && <p class="quiet">{t('ingest.since',
				{ time: time(list.data.since_utc) })}</p>}
			<h2>{t('ingest.refused')}</h2>
			{list.data && <Reasons reasons={list.data.reasons}
				chosen={query.code} />}
			<ListTable list={list} caption={t('ingest.refused')} hideCaption
				columns={columns(admin, list.reload)}
				rowKey={(i) => i.quarantine_key} empty={t('ingest.empty')} />
		</Page>
	);
}
