/* Report - one report as it came: who, when, which policy was seen, and each
 * record with what was authenticated. */
import { fileUrl } from '../lib/api.js';
import { useData, useList } from '../lib/data.js';
import { number, period, said, t, time } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Result, Trust } from '../part/Badge.jsx';
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { Wait } from '../part/State.jsx';
import { ListTable } from '../part/Table.jsx';

const Auth = ({ results, method }) => results.filter((a) =>
	a.method === method).map((a, i) => (
	<div key={i}><Result name={a.result} />{' '}
		<bdi>{a.domain ?? t('none')}</bdi>
		{a.selector && <bdi class="quiet"> s={a.selector}</bdi>}
		<div class="quiet">{t(`aligned.${a.alignment}`)}
			{a.human_result && <bdi> {a.human_result}</bdi>}</div>
	</div>));

const columns = () => [
	{ key: 'ip', head: t('col.ip'), row: true,
		cell: (r) => <code>{r.source_ip}</code> },
	{ key: 'messages', head: t('col.messages'), kind: 'number',
		cell: (r) => number(r.messages) },
	{ key: 'dmarc', head: t('col.dmarc'),
		cell: (r) => <Result name={r.dmarc} /> },
	{ key: 'from', head: t('col.header_from'), cell: (r) => <>
		<bdi>{r.header_from ?? t('none')}</bdi>
		{r.envelope_from && <div class="quiet"><bdi>{t('report.envelope',
			{ from: r.envelope_from })}</bdi></div>}</> },
	{ key: 'spf', head: t('col.spf'),
		cell: (r) => <Auth results={r.auth_results} method="spf" /> },
	{ key: 'dkim', head: t('col.dkim'),
		cell: (r) => <Auth results={r.auth_results} method="dkim" /> },
	{ key: 'disposition', head: t('col.disposition'), cell: (r) => <>
		{r.disposition ?? t('none')}
		{r.reasons.length > 0 && <div class="quiet">
			<bdi>{r.reasons.join(', ')}</bdi></div>}</> },
];

const policyText = (p) => ['p', 'sp', 'np', 'adkim', 'aspf', 'pct', 'fo']
	.filter((tag) => p[tag] !== null).map((tag) => `${tag}=${p[tag]}`)
	.join('; ');

const Row = ({ name, children }) => children ? <><dt>{name}</dt>
	<dd>{children}</dd></> : null;

/* Text of others, isolated: it may be written from right to left. */
const Text = ({ name, value }) => value &&
	<Row name={name}><bdi>{value}</bdi></Row>;

function Facts({ r }) {
	return (
		<section class="panel">
			<h2>{t('report.facts')}</h2>
			<dl>
				<Row name={t('col.period')}>{period(r.begin_utc, r.end_utc)}</Row>
				<Row name={t('report.policy')}><code>
					{policyText(r.policy_published)}</code></Row>
				<Row name={t('report.in_dns')}>{r.dns &&
					<code>{r.dns.record ?? t('policy.absent')}</code>}</Row>
				<Row name={t('report.differs')}>{r.differences.length > 0 &&
					r.differences.map((d) => <div key={d.tag}><code>
						{`${d.tag}: ${d.reported ?? '-'} / ${d.dns ?? '-'}`}
					</code></div>)}</Row>
				<Row name={t('col.received')}>{time(r.received_utc)}</Row>
				<Row name={t('report.trust')}><Trust report={r} />{' '}
					<bdi>{r.trust_domain}</bdi></Row>
				<Text name={t('report.contact')} value={r.org_email} />
				<Text name={t('report.contact')} value={r.extra_contact_info} />
				<Text name={t('report.message_id')} value={r.message_id} />
				<Text name={t('report.queue_id')} value={r.queue_id} />
				<Text name={t('report.part')} value={r.part} />
			</dl>
		</section>
	);
}

function Odd({ r }) {
	const count = r.warnings.length + r.errors.length + r.refused_rows.length +
		r.raw_words.length + r.conflicts.length;
	if (count === 0)
		return null;
	return (
		<section class="panel">
			<h2>{t('report.odd')}</h2>
			<ul>
				{r.warnings.map((code, i) => <li key={i}>
					{said('warning', { code })} <code>{code}</code></li>)}
				{r.errors.map((e, i) => <li key={`e${i}`}><bdi>{e}</bdi></li>)}
				{r.refused_rows.map((x) => <li key={`r${x.row_no}`}>
					{t('report.row', { row: String(x.row_no) })}{' '}
					<code>{x.code}</code> <bdi>{x.text}</bdi></li>)}
				{r.raw_words.map((w, i) => <li key={`w${i}`}>
					{t('report.row', { row: String(w.row_no) })} <bdi>{w.field}</bdi>{' '}
					<code>{w.word}</code></li>)}
				{r.conflicts.map((c, i) => <li key={`c${i}`}>
					{t('report.conflict', { time: time(c.received_utc),
						messages: c.messages })}</li>)}
			</ul>
		</section>
	);
}

export default function Report({ params }) {
	const api = path('reports', params.report);
	const data = useData(api);
	const records = useList(path('reports', params.report, 'records'));
	const r = data.data;
	return (
		<Page title={r ? `${r.org_name} ${r.report_id}` : t('col.report')}
			heading={r ? <><bdi>{r.org_name}</bdi>
				<bdi class="sub">{r.report_id}</bdi></> : t('col.report')}
			actions={r && <>
				{r.has_raw && <a class="button" download
					href={fileUrl(path('reports', params.report, 'raw'))}>
					{t('report.xml')}</a>}
				<a class="button" download={`report-${params.report}.json`}
					href={fileUrl(api)}>{t('report.json')}</a></>}>
			<Wait on={data}>{(d) => <>
				<p class="policy-line">
					<Link to={path('d', d.policy_domain)}>
						<bdi>{d.policy_domain}</bdi></Link>
					<span>{t('report.counts', { records: d.records,
						messages: d.messages, pass: d.messages_pass })}</span></p>
				<Facts r={d} />
				<Odd r={d} />
			</>}</Wait>
			<ListTable list={records} caption={t('report.records')}
				columns={columns()} rowKey={(x) => x.row_no}
				empty={t('report.no_records')} />
		</Page>
	);
}
