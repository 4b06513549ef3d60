/* Sender - one of those who send in the name of a domain: whose it is, why it
 * fails, how to mend that; its addresses, reporters and days. */
import { useState } from 'preact/hooks';
import { patch } from '../lib/api.js';
import { useAction, useData } from '../lib/data.js';
import { day, number, said, t, time } from '../lib/i18n.js';
import { periodOf } from '../lib/period.js';
import { path, query as queryOf } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { ClassBadge, Result } from '../part/Badge.jsx';
import { Chart } from '../part/Chart.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Choice, Field } from '../part/Field.jsx';
import { Link } from '../part/Link.jsx';
import { Period } from '../part/Period.jsx';
import { Failure, Wait } from '../part/State.jsx';
import { Table } from '../part/Table.jsx';

const LABELS = ['mine', 'forwarder', 'not-mine', 'none'];

/* Whose it is, for who may say so; for others the answer alone. */
function Label({ sender, etag, saved }) {
	const editor = may(useSession(), 'editor');
	const [label, setLabel] = useState(sender.label ?? 'none');
	const [note, setNote] = useState(sender.note ?? '');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		if (await run(() => patch(path('senders', String(sender.id)), {
			label: label === 'none' ? null : label,
			note: note.trim() || null }, etag)))
			saved();
	};
	const when = sender.labelled && <p class="quiet">
		{t('sender.labelled', { time: time(sender.labelled) })}</p>;
	if (!editor)
		return (
			<section class="panel">
				<h2>{t('sender.whose')}</h2>
				<p>{t(`label.${sender.label ?? 'none'}`)}
					{sender.note && <q>{sender.note}</q>}</p>{when}
			</section>
		);
	return (
		<section class="panel">
			<h2>{t('sender.whose')}</h2>
			<form onSubmit={submit}>
				<Choice legend={t('sender.whose_legend')} name="label" value={label}
					onChange={setLabel} options={LABELS.map((l) =>
						[l, t(`label.${l}`), t(`label.${l}.note`)])} />
				<Field label={t('sender.note')} value={note} maxLength={500}
					onInput={(e) => setNote(e.target.value)} />
				{problem && <Failure problem={problem} />}
				<div class="buttons">
					<button type="submit" class="primary" disabled={busy}>
						{t('save')}</button>
				</div>
				{when}
			</form>
		</section>
	);
}

const Identified = ({ sender }) => (
	<p class="quiet">{sender.identified.map((i) =>
		<span class="by" key={i.by + i.name}>{t(`sender.by.${i.by}`,
			{ name: i.name, strength: t(`strength.${i.strength}`) })}</span>)}
	</p>
);

function Reasons({ sender }) {
	return (
		<section class="panel">
			<h2>{t('sender.why')}</h2>
			{sender.why.length === 0 ? <p>{t('sender.why_none')}</p>
				: <ul>{sender.why.map((w, i) =>
					<li key={i}>{said('why', w)}</li>)}</ul>}
			{sender.fix.length > 0 && <>
				<h3>{t('sender.fix')}</h3>
				<ol>{sender.fix.map((f, i) =>
					<li key={i}>{said('fix', f)}</li>)}</ol></>}
		</section>
	);
}

const authColumns = () => [
	{ key: 'method', head: t('col.method'), row: true,
		cell: (a) => a.method.toUpperCase() },
	{ key: 'domain', head: t('col.domain'),
		cell: (a) => <bdi>{a.domain ?? t('none')}</bdi> },
	{ key: 'selector', head: t('col.selector'),
		cell: (a) => <bdi>{a.selector ?? t('none')}</bdi> },
	{ key: 'result', head: t('col.result'),
		cell: (a) => <Result name={a.result} /> },
	{ key: 'aligned', head: t('col.aligned'),
		cell: (a) => t(`aligned.${a.aligned}`) },
	{ key: 'failed', head: t('col.failed'), kind: 'number',
		cell: (a) => number(a.failed) },
	{ key: 'messages', head: t('col.of'), kind: 'number',
		cell: (a) => number(a.messages) },
];

const ipColumns = () => [
	{ key: 'ip', head: t('col.ip'), row: true, cell: (i) => <>
		<code>{i.ip}</code>
		{i.ptr && <div class="quiet"><bdi>{i.ptr}</bdi></div>}</> },
	{ key: 'net', head: t('col.network'), cell: (i) =>
		<bdi>{[i.asn && `AS${i.asn}`, i.as_org, i.country].filter(Boolean)
			.join(' · ') || t('none')}</bdi> },
	{ key: 'failed', head: t('col.failed'), kind: 'number',
		cell: (i) => number(i.failed) },
	{ key: 'messages', head: t('col.of'), kind: 'number',
		cell: (i) => number(i.messages) },
	{ key: 'first', head: t('col.first_seen'), kind: 'date',
		cell: (i) => day(i.first_day) },
	{ key: 'last', head: t('col.last_seen'), kind: 'date',
		cell: (i) => day(i.last_day) },
];

const reporterColumns = () => [
	{ key: 'org', head: t('col.reporter'), row: true, cell: (r) =>
		<Link to={'/reports' + queryOf({ org: r.org_name })}>
			<bdi>{r.org_name}</bdi></Link> },
	{ key: 'failed', head: t('col.failed'), kind: 'number',
		cell: (r) => number(r.failed) },
	{ key: 'messages', head: t('col.of'), kind: 'number',
		cell: (r) => number(r.messages) },
];

function Evidence({ sender }) {
	return <>
		<section class="panel">
			<h2>{t('sender.auth')}</h2>
			<Table caption={t('sender.auth')} hideCaption columns={authColumns()}
				rows={sender.auth} />
		</section>
		<section class="panel">
			<h2>{t('sender.ips', { n: sender.ip_count })}</h2>
			<Table caption={t('col.ip')} hideCaption columns={ipColumns()}
				rows={sender.ips} rowKey={(i) => i.ip} />
			{sender.ips.length < sender.ip_count && <p class="quiet">
				{t('sender.ips_first', { n: sender.ips.length })}</p>}
		</section>
		<section class="panel">
			<h2>{t('sender.reporters')}</h2>
			<Table caption={t('sender.reporters')} hideCaption
				columns={reporterColumns()} rows={sender.reporters} />
		</section>
	</>;
}

export default function Sender({ params, query }) {
	const period = periodOf(query);
	const span = { from: period.from, to: period.to };
	const data = useData(path('senders', params.sender), span);
	return (
		<DomainPage domain={params.domain} tab="senders"
			title={data.data?.sender ?? t('tab.sender')}
			actions={<Period period={period} />}>
			<Wait on={data}>{(s) => <>
				<p class="policy-line"><ClassBadge name={s.class} />
					<span>{t('sender.counts', { failed: s.failed,
						messages: s.messages })}</span></p>
				<Identified sender={s} />
				<div class="two">
					<Reasons sender={s} />
					<Label key={data.etag} sender={s} etag={data.etag}
						saved={data.reload} />
				</div>
				<Chart domain={params.domain} heading={t('sender.days')}
					timeline={{ ...s.series, from: s.from, to: s.to }} />
				<Evidence sender={s} />
			</>}</Wait>
		</DomainPage>
	);
}
