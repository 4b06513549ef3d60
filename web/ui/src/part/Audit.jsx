/* Audit - what users did, the newest first. */
import { useList } from '../lib/data.js';
import { t, time } from '../lib/i18n.js';
import { Csv } from './Csv.jsx';
import { Search } from './Search.jsx';
import { ListTable } from './Table.jsx';

const columns = () => [
	{ key: 'time', head: t('ingest.when'), row: true,
		cell: (a) => time(a.time) },
	{ key: 'actor', head: t('audit.actor'), cell: (a) => <>
		<bdi>{a.actor}</bdi> <span class="quiet">{a.via}</span></> },
	{ key: 'action', head: t('audit.action'),
		cell: (a) => <code>{a.action}</code> },
	{ key: 'object', head: t('audit.object'),
		cell: (a) => <bdi>{a.object ?? t('none')}</bdi> },
	{ key: 'detail', head: t('audit.detail'), cell: (a) => a.detail === null
		? t('none') : <code>{JSON.stringify(a.detail)}</code> },
	{ key: 'address', head: t('col.ip'), cell: (a) => <code>{a.address}</code> },
];

export function Audit({ query }) {
	const asked = { actor: query.actor, action: query.action };
	const list = useList('/audit', asked);
	return <>
		<form class="filters" onSubmit={(e) => e.preventDefault()}>
			<Search name="actor" value={query.actor} label={t('audit.actor')} />
			<Search name="action" value={query.action} label={t('audit.action')} />
			<Csv path="/audit" query={asked} name="audit.csv" />
		</form>
		<ListTable list={list} caption={t('tab.audit')} hideCaption
			columns={columns()} rowKey={(a) => a.id} empty={t('audit.empty')} />
	</>;
}
