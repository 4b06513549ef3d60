/* Reports - what came in, the newest first. */
import { useList } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { ago, number, period as span, t, time } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { Badge, PolicyBadge, Trust } from '../part/Badge.jsx';
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { Search } from '../part/Search.jsx';
import { Select } from '../part/Select.jsx';
import { ListTable } from '../part/Table.jsx';
import { Upload } from '../part/Upload.jsx';

const OUTCOMES = ['pass', 'partial', 'fail', 'empty'];
const KIND = { pass: 'good', partial: 'warn', fail: 'bad', empty: 'none' };

const columns = () => [
	{ key: 'id', head: t('col.report'), row: true, cell: (r) =>
		<Link to={path('reports', String(r.report_key))}>
			<bdi>{r.org_name}</bdi> <bdi class="quiet">{r.report_id}</bdi></Link> },
	{ key: 'domain', head: t('col.domain'), cell: (r) =>
		<Link to={path('d', r.policy_domain)}><bdi>{r.policy_domain}</bdi></Link> },
	{ key: 'period', head: t('col.period'), kind: 'date',
		cell: (r) => span(r.begin_utc, r.end_utc) },
	{ key: 'p', head: t('col.policy'), cell: (r) => <PolicyBadge p={r.p} /> },
	{ key: 'outcome', head: t('col.outcome'), cell: (r) =>
		<Badge kind={KIND[r.outcome]}>{t(`report.${r.outcome}`)}</Badge> },
	{ key: 'pass', head: t('col.pass'), kind: 'number',
		cell: (r) => number(r.messages_pass) },
	{ key: 'messages', head: t('col.of'), kind: 'number',
		cell: (r) => number(r.messages) },
	{ key: 'odd', head: t('col.odd'), cell: (r) => <>
		{!r.trusted && r.trust !== 'off' && <Trust report={r} />}
		{r.warnings.length > 0 && <span class="quiet">
			{t('report.warnings', { n: r.warnings.length })}</span>}
		{r.rows_refused > 0 && <span class="quiet">
			{' '}{t('report.refused', { n: r.rows_refused })}</span>}</> },
	{ key: 'received', head: t('col.received'), kind: 'date', cell: (r) =>
		<time dateTime={r.received_utc} title={time(r.received_utc)}>
			{ago(r.received_utc)}</time> },
];

function Filters({ query }) {
	return (
		<form class="filters" onSubmit={(e) => e.preventDefault()}>
			<Search name="domain" value={query.domain} label={t('col.domain')} />
			<Search name="org" value={query.org} label={t('col.reporter')} />
			<Select label={t('col.outcome')} value={query.outcome ?? ''}
				onChange={(outcome) => setQuery({ outcome })}
				options={[['', t('filter.all')], ...OUTCOMES.map((o) =>
					[o, t(`report.${o}`)])]} />
			<Select label={t('report.trust')} value={query.trusted ?? ''}
				onChange={(trusted) => setQuery({ trusted })}
				options={[['', t('filter.all')], ['true', t('report.trusted')],
					['false', t('report.untrusted')]]} />
			<Select label={t('col.odd')} value={query.odd ?? ''}
				onChange={(odd) => setQuery({ odd })}
				options={[['', t('filter.all')], ['true', t('report.only_odd')]]} />
		</form>
	);
}

export default function Reports({ query }) {
	const list = useList('/reports', query);
	const editor = may(useSession(), 'editor');
	return (
		<Page title={t('nav.reports')}
			actions={editor && <Upload done={list.reload} />}>
			<Filters query={query} />
			<ListTable list={list} caption={t('nav.reports')} hideCaption
				columns={columns()} rowKey={(r) => r.report_key}
				empty={t('reports.empty')} />
		</Page>
	);
}
