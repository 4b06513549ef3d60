/* Delete - stop showing a domain. Says what stays, and asks for a typed word:
 * nobody deletes by a slip. */
import { useState } from 'preact/hooks';
import { del } from '../lib/api.js';
import { useAction, useData } from '../lib/data.js';
import { go } from '../lib/history.js';
import { number, t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { DomainPage } from '../part/DomainHead.jsx';
import { Check, Field } from '../part/Field.jsx';
import { Link } from '../part/Link.jsx';
import { Empty, Failure, Wait } from '../part/State.jsx';

/* What the API wants to see; not translated. */
const WORD = 'delete';

function Form({ domain, data, etag }) {
	const [typed, setTyped] = useState('');
	const [purge, setPurge] = useState(false);
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		if (await run(() => del(path('domains', domain),
			{ confirm: WORD, purge }, etag)))
			go('/');
	};
	return (
		<form class="panel" onSubmit={submit}>
			<p>{t('delete.stops')}</p>
			<ul>
				<li>{t('delete.stay')}</li>
				<li>{data.standing?.state === 'verified'
					? t('delete.rua_here') : t('delete.rua')}{' '}
					<Link to={path('d', domain, 'policy')}>
						{t('delete.record')}</Link></li>
				{data.messages > 0 && <li>
					{t('delete.messages', { count: number(data.messages) })}</li>}
			</ul>
			<Check label={t('delete.purge')} hint={t('delete.purge_hint')}
				checked={purge} onChange={(e) => setPurge(e.target.checked)} />
			<Field label={t('delete.type', { word: WORD })} value={typed}
				autocomplete="off" autocapitalize="none" spellcheck={false}
				onInput={(e) => setTyped(e.target.value)} />
			{problem && <Failure problem={problem} />}
			<div class="buttons">
				<Link class="button" to={path('d', domain)}>{t('cancel')}</Link>
				<button type="submit" class="danger"
					disabled={busy || typed !== WORD}>
					{t('delete.go')}</button>
			</div>
		</form>
	);
}

export default function Delete({ params }) {
	const { domain } = params;
	const editor = may(useSession(), 'editor');
	const data = useData(editor ? path('domains', domain) : null);
	return (
		<DomainPage domain={domain} tab="delete">
			{editor ? <Wait on={data}>{(d) =>
				<Form domain={domain} data={d} etag={data.etag} />}</Wait>
				: <Empty>{t('problem.forbidden')}</Empty>}
		</DomainPage>
	);
}
