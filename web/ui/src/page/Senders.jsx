/* Senders - who sends in the name of a domain: grouped, filtered, sorted, all
 * of it by the server, and all of it in the address. */
import { useList } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { day, number, t } from '../lib/i18n.js';
import { periodOf } from '../lib/period.js';
import { path, query as queryOf } from '../lib/route.js';
import { Badge, ClassBadge } from '../part/Badge.jsx';
import { Csv } from '../part/Csv.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Link } from '../part/Link.jsx';
import { Period } from '../part/Period.jsx';
import { Search } from '../part/Search.jsx';
import { Select } from '../part/Select.jsx';
import { ListTable } from '../part/Table.jsx';
import { Why } from '../part/Why.jsx';

const GROUPS = ['sender', 'asn', 'ip', 'dkim', 'envelope'];
const CLASSES = ['mine_fail,unknown', 'mine_fail', 'unknown', 'forwarded',
	'mine_pass', 'undecided'];
const LABELS = ['mine', 'forwarder', 'not-mine', 'none'];
const SORT = '-failed';

function Name({ row, domain, span }) {
	const where = [row.asn && `AS${row.asn}`, row.as_org, row.country, row.ptr]
		.filter(Boolean).join(' · ');
	return <>
		{row.id !== null ? <Link to={path('d', domain, 'senders',
			String(row.id)) + queryOf(span)}><bdi>{row.name}</bdi></Link>
			: <bdi>{row.name}</bdi>}
		{row.new && <> <Badge kind="info">{t('sender.new')}</Badge></>}
		{where && <div class="quiet"><bdi>{where}</bdi></div>}
	</>;
}

const columns = (domain, span) => [
	{ key: 'name', head: t('col.sender'), row: true, sort: 'name',
		cell: (r) => <Name row={r} domain={domain} span={span} /> },
	{ key: 'class', head: t('col.class'),
		cell: (r) => <ClassBadge name={r.class} /> },
	{ key: 'failed', head: t('col.failed'), kind: 'number', sort: 'failed',
		cell: (r) => number(r.failed) },
	{ key: 'messages', head: t('col.of'), kind: 'number', sort: 'messages',
		cell: (r) => number(r.messages) },
	{ key: 'refused', head: t('col.refused'), kind: 'number',
		cell: (r) => number(r.refused) },
	{ key: 'ips', head: t('col.ips'), kind: 'number',
		cell: (r) => number(r.ips) },
	{ key: 'why', head: t('col.why'), cell: (r) => <Why why={r.why} /> },
	{ key: 'last', head: t('col.last_seen'), sort: 'last_day', kind: 'date',
		cell: (r) => day(r.last_day) },
];

function Filters({ query }) {
	return (
		<form class="filters" onSubmit={(e) => e.preventDefault()}>
			<Select label={t('senders.group')} value={query.group ?? 'sender'}
				onChange={(group) => setQuery({ group })}
				options={GROUPS.map((g) => [g, t(`group.${g}`)])} />
			<Select label={t('col.class')} value={query.class ?? ''}
				onChange={(v) => setQuery({ class: v })}
				options={[['', t('filter.all')], ...CLASSES.map((c) =>
					[c, c.includes(',') ? t('filter.failing') : t(`class.${c}`)])]} />
			<Select label={t('senders.label')} value={query.label ?? ''}
				onChange={(label) => setQuery({ label })}
				options={[['', t('filter.all')],
					...LABELS.map((l) => [l, t(`label.${l}`)])]} />
			<Search value={query.q} label={t('senders.search')} />
			<Search name="ip" value={query.ip} label={t('senders.ip')} />
			<Search name="min_messages" type="number" min="0" inputmode="numeric"
				value={query.min_messages} label={t('senders.min')} />
		</form>
	);
}

export default function Senders({ params, query }) {
	const { domain } = params;
	const period = periodOf(query);
	const span = { from: period.from, to: period.to };
	const { days: _, ...filters } = query;
	const sort = query.sort ?? SORT;
	const asked = { ...filters, ...span, sort };
	const api = path('domains', domain, 'senders');
	const list = useList(api, asked);
	return (
		<DomainPage domain={domain} tab="senders" actions={<>
			<Period period={period} />
			<Csv path={api} query={asked} name={`${domain}-senders.csv`} />
		</>}>
			<Filters query={query} />
			<ListTable list={list} caption={t('tab.senders')} hideCaption
				columns={columns(domain, query.days ? { days: query.days } : span)}
				rowKey={(r) => r.key} sort={sort}
				onSort={(s) => setQuery({ sort: s })}
				empty={t('senders.empty')} />
		</DomainPage>
	);
}
