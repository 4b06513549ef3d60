/* Tallies - messages by week, day or month and by who the addresses belong
 * to: numbers to be put into a spreadsheet. */
import { useList } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { day, number, t } from '../lib/i18n.js';
import { lastDay, periodOf } from '../lib/period.js';
import { path, query } from '../lib/route.js';
import { Csv } from '../part/Csv.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Link } from '../part/Link.jsx';
import { Period } from '../part/Period.jsx';
import { Search } from '../part/Search.jsx';
import { Select } from '../part/Select.jsx';
import { ListTable } from '../part/Table.jsx';

const COUNTS = ['messages', 'mine_pass', 'forwarded', 'mine_fail', 'unknown',
	'refused'];

const head = (name) => ['messages', 'refused'].includes(name)
	? t(`col.${name}`) : t(`class.${name}`);

/* The senders that a number is made of. */
const rowsOf = (domain, row, bucket) => path('d', domain, 'senders') + query({
	from: row.period, to: lastDay(row.period, bucket), q: row.org_domain });

const columns = (domain, bucket) => [
	{ key: 'period', head: t('col.period'), row: true,
		cell: (r) => day(r.period) },
	{ key: 'org', head: t('col.org_domain'), cell: (r) => <>
		<bdi>{r.org_domain}</bdi>
		<span class="quiet"> {t(`known_by.${r.known_by}`)}</span></> },
	...COUNTS.map((name) => ({ key: name, head: head(name), kind: 'number',
		cell: (r) => name === 'messages' ? <Link to={rowsOf(domain, r, bucket)}>
			{number(r[name])}</Link> : number(r[name]) })),
];

export default function Tallies({ params, query: asks }) {
	const { domain } = params;
	const period = periodOf(asks);
	const asked = { from: period.from, to: period.to, q: asks.q,
		bucket: asks.bucket ?? 'week' };
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
				<Search value={asks.q} label={t('col.org_domain')} />
			</form>
			<ListTable list={list} caption={t('tab.tallies')} hideCaption
				columns={columns(domain, asked.bucket)} empty={t('senders.empty')}
				rowKey={(r) => r.period + r.org_domain} />
		</DomainPage>
	);
}
