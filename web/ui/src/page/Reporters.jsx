/* Reporters - who reports, how regularly and how well. */
import { useList } from '../lib/data.js';
import { ago, number, t } from '../lib/i18n.js';
import { query as queryOf } from '../lib/route.js';
import { Badge } from '../part/Badge.jsx';
import { Dots } from '../part/Dots.jsx';
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { Search } from '../part/Search.jsx';
import { ListTable } from '../part/Table.jsx';

/* Three days of silence of one who else reports daily. */
const quiet = (r) => r.every_days !== null &&
	r.quiet_days > Math.max(3, 2 * r.every_days);

const reports = (r, query) => '/reports' + queryOf({ org: r.org_name,
	domain: query.domain });

const columns = (query) => [
	{ key: 'org', head: t('col.reporter'), row: true, cell: (r) => <>
		<Link to={reports(r, query)}><bdi>{r.org_name}</bdi></Link>
		{quiet(r) && <> <Badge kind="warn">
			{t('reporter.quiet', { n: r.quiet_days })}</Badge></>}</> },
	{ key: 'dots', head: t('col.days30'),
		cell: (r) => <Dots days={r.dots} /> },
	{ key: 'gaps', head: t('col.gaps'), kind: 'number', cell: (r) =>
		r.gaps === 0 ? number(0) : t('reporter.gaps', { n: r.gaps,
			longest: r.longest_gap_days }) },
	{ key: 'reports', head: t('col.reports'), kind: 'number', cell: (r) =>
		<Link to={reports(r, query)}>{number(r.reports)}</Link> },
	{ key: 'messages', head: t('col.messages'), kind: 'number',
		cell: (r) => number(r.messages) },
	{ key: 'domains', head: t('nav.domains'), kind: 'number',
		cell: (r) => number(r.domains) },
	{ key: 'odd', head: t('col.odd'), kind: 'number', cell: (r) =>
		r.reports_with_warnings === 0 ? number(0)
			: <Link to={reports(r, query) + '&odd=true'}>
				{number(r.reports_with_warnings)}</Link> },
	{ key: 'last', head: t('col.last_report'), kind: 'date', cell: (r) =>
		r.last_received_utc ? ago(r.last_received_utc) : t('none') },
];

export default function Reporters({ query }) {
	const list = useList('/reporters', query);
	return (
		<Page title={t('nav.reporters')}>
			<form class="filters" onSubmit={(e) => e.preventDefault()}>
				<Search name="domain" value={query.domain} label={t('col.domain')} />
				<Search name="org" value={query.org} label={t('col.reporter')} />
			</form>
			<ListTable list={list} caption={t('nav.reporters')} hideCaption
				columns={columns(query)} rowKey={(r) => r.org_name}
				empty={t('reporters.empty')} />
		</Page>
	);
}
