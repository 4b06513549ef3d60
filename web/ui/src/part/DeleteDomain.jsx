/* DeleteDomain - stop showing a domain. Says what stays, and asks for a typed
 * word: nobody deletes by a slip. */
import { useState } from 'preact/hooks';
import { del } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { go } from '../lib/history.js';
import { number, t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Check, Field } from './Field.jsx';
import { Link } from './Link.jsx';
import { Failure } from './State.jsx';

/* What the API wants to see; not translated. */
const WORD = 'delete';

export function DeleteDomain({ domain, data, etag }) {
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
			<h2>{t('delete.title', { domain })}</h2>
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
