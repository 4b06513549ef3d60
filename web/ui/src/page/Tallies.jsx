/* Tallies - messages by week, day or month and by who the addresses belong
 * to: numbers to be put into a spreadsheet. */
import { useList } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { day, number, t } from '../lib/i18n.js';
import { periodOf } from '../lib/period.js';
import { path } from '../lib/route.js';
import { Csv } from '../part/Csv.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Period } from '../part/Period.jsx';
import { Search } from '../part/Search.jsx';
import { Select } from '../part/Select.jsx';
import { ListTable } from '../part/Table.jsx';

const COUNTS = ['messages', 'mine_pass', 'forwarded', 'mine_fail', 'unknown',
	'refused'];

const head = (name) => ['messages', 'refused'].includes(name)
	? t(`col.${name}`) : t(`class.${name}`);

/* A month comes as YYYY-MM-01 or YYYY-MM. */
const columns = () => [
	{ key: 'period', head: t('col.period'), row: true,
		cell: (r) => r.period.length === 10 ? day(r.period) : r.period },
	{ key: 'org', head: t('col.org_domain'), cell: (r) => <>
		<bdi>{r.org_domain}</bdi>
		<span class="quiet"> {t(`known_by.${r.known_by}`)}</span></> },
	...COUNTS.map((name) => ({ key: name, head: head(name), kind: 'number',
		cell: (r) => number(r[name]) })),
];

export default function Tallies({ params, query }) {
	const { domain } = params;
	const period = periodOf(query);
	const asked = { from: period.from, to: period.to, q: query.q,
		bucket: query.bucket ?? 'week' };
	const api = path('domains', domain, 'tallies');
	const list = useList(api, asked);
	return (
		<DomainPage domain={domain} tab="tallies" actions={<>
			<Period period={period} />
			<Csv path={api} query={asked} name={`${domain}-tallies.csv`} />
		</>}>
			<form class="filters" onSubmit={(e) => e.preventDefault()}>
				<Select label={t('tallies.bucket')} value={asked.bucket}
					onChange={(bucket) => setQuery({ bucket })}
					options={['day', 'week', 'month'].map((b) =>
						[b, t(`bucket.${b}`)])} />
				<Search value={query.q} label={t('col.org_domain')} />
			</form>
			<ListTable list={list} caption={t('tab.tallies')} hideCaption
				columns={columns()} empty={t('senders.empty')}
				rowKey={(r) => r.period + r.org_domain} />
		</DomainPage>
	);
}
