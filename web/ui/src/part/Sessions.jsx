/* Sessions - where one is logged in, and ending that. */
import { del } from '../lib/api.js';
import { useAction, useList } from '../lib/data.js';
import { ago, t, time } from '../lib/i18n.js';
import { Badge } from './Badge.jsx';
import { Failure } from './State.jsx';
import { ListTable } from './Table.jsx';

const columns = (end) => [
	{ key: 'agent', head: t('sessions.browser'), row: true, cell: (s) => <>
		<bdi>{s.user_agent ?? t('none')}</bdi>
		{s.current && <> <Badge kind="info">{t('sessions.this')}</Badge></>}</> },
	{ key: 'address', head: t('col.ip'), cell: (s) => <code>{s.address}</code> },
	{ key: 'since', head: t('sessions.since'), kind: 'date',
		cell: (s) => time(s.created) },
	{ key: 'used', head: t('sessions.used'), kind: 'date',
		cell: (s) => ago(s.last_used) },
	{ key: 'do', head: t('col.do'), cell: (s) => !s.current &&
		<button type="button" onClick={() => end(s)}>{t('sessions.end')}</button> },
];

export function Sessions() {
	const list = useList('/me/sessions');
	const { problem, run } = useAction();
	const end = async (s) => {
		if (await run(() => del('/me/sessions' + (s ? `/${s.id}` : ''))))
			list.reload();
	};
	return (
		<section class="panel">
			<h2>{t('sessions.title')}</h2>
			{problem && <Failure problem={problem} />}
			<ListTable list={list} caption={t('sessions.title')} hideCaption
				columns={columns(end)} rowKey={(s) => s.id} empty={t('none')} />
			{list.items?.length > 1 && <p><button type="button"
				onClick={() => end(null)}>{t('sessions.end_all')}</button></p>}
		</section>
	);
}
