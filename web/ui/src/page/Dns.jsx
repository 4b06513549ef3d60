/* Dns - all that DNS says about the mail of a domain, asked now. */
import { useData } from '../lib/data.js';
import { clock, t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Badge } from '../part/Badge.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Link } from '../part/Link.jsx';
import { RecordText } from '../part/RecordText.jsx';
import { Remarks, SEVERITY_KIND } from '../part/Remarks.jsx';
import { SpfTree } from '../part/SpfTree.jsx';
import { Empty, Wait } from '../part/State.jsx';
import { Table } from '../part/Table.jsx';

const DNSSEC_KIND = { valid: 'good', unsigned: 'none', unchecked: 'none' };
const KEY_KIND = { ok: 'good', testing: 'warn', short: 'warn', revoked: 'bad',
	missing: 'bad', syntax: 'bad', unknown: 'unknown' };

const Dnssec = ({ state }) => state &&
	<Badge kind={DNSSEC_KIND[state]}>{t(`dnssec.${state}`)}</Badge>;

const Ttl = ({ ttl }) => ttl !== null &&
	<span class="quiet">{t('dns.ttl', { ttl })}</span>;

function Dmarc({ dmarc: d, domain }) {
	return (
		<section class="panel">
			<h2>{t('dns.dmarc')}</h2>
			<p class="policy-line"><code>{d.record_name ?? d.name}</code>
				<Dnssec state={d.dnssec} /><Ttl ttl={d.ttl} />
				{d.inherited_from && t('policy.inherited',
					{ from: d.inherited_from })}</p>
			{d.record ? <RecordText text={d.record} remarks={d.problems} />
				: <p>{t(`dns.${d.outcome}`)}</p>}
			<Remarks list={d.problems} />
			<p><Link to={path('d', domain, 'policy')}>{t('delete.record')}</Link></p>
		</section>
	);
}

function Spf({ spf }) {
	return (
		<section class="panel">
			<h2>{t('dns.spf')}</h2>
			<p class="policy-line"><span>{t('spf.count', { n: spf.lookups,
				max: spf.lookups_max })}</span>
				<span>{t('spf.voids', { n: spf.voids, max: spf.voids_max })}</span>
				<Ttl ttl={spf.ttl} /></p>
			{spf.record && <RecordText text={spf.record} remarks={spf.problems} />}
			<Remarks list={spf.problems} />
			{spf.tree && <SpfTree node={spf.tree} />}
		</section>
	);
}

const keyColumns = () => [
	{ key: 'name', head: t('dns.name'), row: true,
		cell: (k) => <code>{k.name}</code> },
	{ key: 'state', head: t('dns.state'), cell: (k) =>
		<Badge kind={KEY_KIND[k.state]}>{t(`dkim.${k.state}`)}</Badge> },
	{ key: 'passes', head: t('dkim.passes'),
		cell: (k) => k.passes ? t('yes') : t('no') },
	{ key: 'text', head: t('dns.remark'),
		cell: (k) => k.problems.map((p) => p.text).join(' ') || t('none') },
];

function Dkim({ keys }) {
	return (
		<section class="panel">
			<h2>{t('dns.dkim')}</h2>
			<p class="quiet">{t('dns.dkim_hint')}</p>
			{keys.length === 0 ? <Empty>{t('dns.dkim_none')}</Empty>
				: <Table caption={t('dns.dkim')} hideCaption rows={keys}
					columns={keyColumns()} rowKey={(k) => k.name} />}
		</section>
	);
}

function Authorisation({ list }) {
	return (
		<section class="panel">
			<h2>{t('dns.authorisation')}</h2>
			{list.length === 0 ? <p>{t('dns.authorisation_none')}</p>
				: <ul class="rows">{list.map((a) => (
					<li key={a.tag + a.name}>
						<Badge kind={SEVERITY_KIND[a.state]}>
							{t(`state.${a.state}`)}</Badge>{' '}
						<code>{a.name}</code> <span class="quiet">{a.tag}</span>
						<Remarks list={a.problems} />
					</li>))}
				</ul>}
		</section>
	);
}

const answerColumns = () => [
	{ key: 'name', head: t('dns.name'), row: true,
		cell: (a) => <code>{a.name}</code> },
	{ key: 'type', head: t('publish.type'), cell: (a) => a.type },
	{ key: 'outcome', head: t('dns.outcome'),
		cell: (a) => a.why ?? t(`dns.${a.outcome}`) },
	{ key: 'ttl', head: t('publish.ttl'), kind: 'number',
		cell: (a) => String(a.ttl) },
	{ key: 'dnssec', head: t('dns.dnssec'),
		cell: (a) => t(`dnssec.${a.dnssec}`) },
	{ key: 'data', head: t('dns.data'), cell: (a) => <>
		{a.cname && <div>CNAME <code>{a.cname}</code></div>}
		{a.data.map((d, i) => <div key={i}><code>{d}</code></div>)}</> },
];

export default function Dns({ params }) {
	const { domain } = params;
	const data = useData(path('domains', domain, 'dns'));
	return (
		<DomainPage domain={domain} tab="dns" actions={<button type="button"
			disabled={data.loading} onClick={data.reload}>
			{t('verify.again')}</button>}>
			<Wait on={data}>{(d) => <>
				<p class="policy-line"><Dnssec state={d.dnssec} />
					<span class="quiet">{t('record.asked',
						{ time: clock(d.asked_utc) })}</span></p>
				<div class="two even">
					<div><Dmarc dmarc={d.dmarc} domain={domain} />
						<Authorisation list={d.authorisation} /></div>
					<Spf spf={d.spf} />
				</div>
				<Dkim keys={d.dkim} />
				{d.seen.length > 0 && <section class="panel">
					<h2>{t('dns.seen')}</h2><Remarks list={d.seen} /></section>}
				<details class="panel">
					<summary>{t('dns.answers')}</summary>
					<Table caption={t('dns.answers')} hideCaption
						columns={answerColumns()} rows={d.answers} />
				</details>
			</>}</Wait>
		</DomainPage>
	);
}
