/* Tokens - keys for scripts. A new one is shown once. */
import { useState } from 'preact/hooks';
import { del, post } from '../lib/api.js';
import { useAction, useList } from '../lib/data.js';
import { ago, list as listOf, t, time } from '../lib/i18n.js';
import { may, useSession } from '../lib/session.js';
import { Dialog } from './Dialog.jsx';
import { Field } from './Field.jsx';
import { Secret } from './Secret.jsx';
import { Failure } from './State.jsx';
import { ListTable } from './Table.jsx';

/* What the role of the owner allows a token to do. */
const SCOPES = [['read', 'viewer'], ['write', 'editor'], ['admin', 'admin']];
const DAYS = [30, 90, 365];

function Create({ close, done }) {
	const session = useSession();
	const [form, setForm] = useState({ name: '', scope: 'read', days: '90' });
	const [secret, setSecret] = useState(null);
	const { busy, problem, run } = useAction();
	const set = (name) => (e) => setForm({ ...form, [name]: e.target.value });
	const submit = (e) => {
		e.preventDefault();
		run(async () => {
			const { data } = await post('/tokens', { name: form.name,
				scope: form.scope, expires_days: Number(form.days) });
			setSecret(data.secret);
			done();
		});
	};
	return (
		<Dialog title={t('tokens.new')} onClose={close}>
			{secret ? <Secret label={t('tokens.secret')} value={secret} />
				: <form id="token" onSubmit={submit}>
					<Field label={t('tokens.name')} value={form.name} required
						maxLength={60} onInput={set('name')} />
					<Field as="select" label={t('tokens.scope')}
						value={form.scope} onChange={set('scope')}>
						{SCOPES.filter(([, role]) => may(session, role)).map(([s]) =>
							<option key={s} value={s}>{t(`scope.${s}`)}</option>)}
					</Field>
					<Field as="select" label={t('tokens.expires')}
						value={form.days} onChange={set('days')}>
						{DAYS.map((n) => <option key={n} value={String(n)}>
							{t('tokens.days', { n })}</option>)}
					</Field>
					{problem && <Failure problem={problem} />}
				</form>}
			<div class="buttons">
				<button type="button" onClick={close}>{t('close')}</button>
				{!secret && <button type="submit" form="token" class="primary"
					disabled={busy}>{t('tokens.go')}</button>}
			</div>
		</Dialog>
	);
}

const columns = (revoke) => [
	{ key: 'name', head: t('tokens.name'), row: true,
		cell: (k) => <bdi>{k.name}</bdi> },
	{ key: 'scope', head: t('tokens.scope'), cell: (k) => t(`scope.${k.scope}`) },
	{ key: 'domains', head: t('nav.domains'), cell: (k) => k.all_domains
		? t('filter.all') : listOf(k.domains) },
	{ key: 'expires', head: t('tokens.expires'),
		cell: (k) => k.expires ? time(k.expires) : t('tokens.never') },
	{ key: 'used', head: t('sessions.used'),
		cell: (k) => k.last_used ? ago(k.last_used) : t('none') },
	{ key: 'do', head: t('col.do'), cell: (k) => <button type="button"
		aria-label={t('tokens.revoke_one', { name: k.name })}
		onClick={() => revoke(k)}>{t('tokens.revoke')}</button> },
];

export function Tokens() {
	const list = useList('/tokens');
	const [creating, setCreating] = useState(false);
	const { problem, run } = useAction();
	const revoke = async (k) => {
		if (await run(() => del(`/tokens/${k.id}`)))
			list.reload();
	};
	return (
		<section class="panel">
			<div class="panel-head"><h2>{t('tokens.title')}</h2>
				<button type="button" onClick={() => setCreating(true)}>
					{t('tokens.new')}</button></div>
			{problem && <Failure problem={problem} />}
			<ListTable list={list} caption={t('tokens.title')} hideCaption
				columns={columns(revoke)} rowKey={(k) => k.id}
				empty={t('tokens.empty')} />
			{creating && <Create close={() => setCreating(false)}
				done={list.reload} />}
		</section>
	);
}
