/* History - what DNS had over time, as the checks saw it. */
import { useList } from '../lib/data.js';
import { t, time } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Diff } from './Preview.jsx';
import { ListTable } from './Table.jsx';

const columns = () => [
	{ key: 'first', head: t('history.first'), row: true,
		cell: (h) => time(h.first_utc) },
	{ key: 'last', head: t('history.last'), cell: (h) => time(h.last_utc) },
	{ key: 'state', head: t('history.state'),
		cell: (h) => t(`standing.${h.state}`) },
	{ key: 'changed', head: t('history.changed'), cell: (h) =>
		h.changed.length ? <Diff changes={h.changed} /> : t('none') },
	{ key: 'record', head: t('history.record'), cell: (h) =>
		<code>{h.record ?? h.text ?? t('policy.absent')}</code> },
];

export function History({ domain }) {
	const list = useList(path('domains', domain, 'record', 'history'));
	return (
		<section class="panel">
			<h2>{t('history.title')}</h2>
			<ListTable list={list} caption={t('history.title')} hideCaption
				columns={columns()} rowKey={(h) => h.first_utc}
				empty={t('history.empty')} />
		</section>
	);
}
