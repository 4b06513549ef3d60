/* Users - who may log in, as what, for which domains. */
import { useState } from 'preact/hooks';
import { del, post } from '../lib/api.js';
import { useAction, useList } from '../lib/data.js';
import { ago, list as listOf, t } from '../lib/i18n.js';
import { useSession } from '../lib/session.js';
import { Badge } from './Badge.jsx';
import { Dialog } from './Dialog.jsx';
import { Secret } from './Secret.jsx';
import { Failure } from './State.jsx';
import { ListTable } from './Table.jsx';
import { UserForm } from './UserForm.jsx';

/* What can be done to a user; only removing asks again. */
function Actions({ user, edit, done }) {
	const own = user.login === useSession().login;
	const [asking, setAsking] = useState(false);
	const [password, setPassword] = useState(null);
	const { busy, problem, run } = useAction();
	const act = (work) => run(async () => {
		await work();
		done();
	});
	const reset = () => run(async () => {
		const { data } = await post(`/users/${user.id}/password`, {});
		setPassword(data.password);
	});
	return (
		<div class="actions">
			<button type="button" onClick={edit} aria-label={t('users.edit_one',
				{ login: user.login })}>{t('users.edit')}</button>
			{!own && <button type="button" disabled={busy} onClick={reset}>
				{t('users.password')}</button>}
			{user.totp && !own && <button type="button" disabled={busy}
				onClick={() => act(() =>
					post(`/users/${user.id}/reset-2fa`, {}))}>
				{t('users.reset_2fa')}</button>}
			{!own && <button type="button" class="danger"
				onClick={() => setAsking(true)}>{t('users.remove')}</button>}
			{problem && <Failure problem={problem} />}
			{password && <Dialog title={user.login}
				onClose={() => setPassword(null)}>
				<Secret label={t('users.one_time')} value={password} />
				<div class="buttons"><button type="button"
					onClick={() => setPassword(null)}>{t('close')}</button></div>
			</Dialog>}
			{asking && <Dialog title={t('users.remove_one',
				{ login: user.login })} onClose={() => setAsking(false)}>
				<p>{t('users.remove_text')}</p>
				<div class="buttons">
					<button type="button" onClick={() => setAsking(false)}>
						{t('cancel')}</button>
					<button type="button" class="danger" onClick={() => {
						setAsking(false);
						act(() => del(`/users/${user.id}`));
					}}>{t('users.remove')}</button>
				</div>
			</Dialog>}
		</div>
	);
}

const columns = (edit, reload) => [
	{ key: 'login', head: t('login.name'), row: true, cell: (u) => <>
		<bdi>{u.login}</bdi>
		{u.disabled && <> <Badge kind="bad">{t('users.disabled')}</Badge></>}
		{u.one_time && <> <Badge kind="info">{t('users.waiting')}</Badge></>}
	</> },
	{ key: 'role', head: t('users.role'), cell: (u) => t(`role.${u.role}`) },
	{ key: 'domains', head: t('nav.domains'), cell: (u) => u.all_domains
		? t('filter.all') : listOf(u.domains) || t('none') },
	{ key: 'totp', head: t('factor.title'), cell: (u) =>
		<Badge kind={u.totp ? 'good' : 'warn'}>
			{u.totp ? t('factor.on') : t('factor.off')}</Badge> },
	{ key: 'last', head: t('me.last'),
		cell: (u) => u.last_login ? ago(u.last_login) : t('none') },
	{ key: 'do', head: t('col.do'), cell: (u) =>
		<Actions user={u} edit={() => edit(u)} done={reload} /> },
];

export function Users() {
	const list = useList('/users');
	/* undefined: no form; null: a new user. */
	const [editing, setEditing] = useState(undefined);
	return <>
		<p class="buttons"><button type="button" class="primary"
			onClick={() => setEditing(null)}>{t('users.new')}</button></p>
		<ListTable list={list} caption={t('tab.users')} hideCaption
			columns={columns(setEditing, list.reload)} rowKey={(u) => u.id}
			empty={t('none')} />
		{editing !== undefined && <UserForm user={editing}
			close={() => setEditing(undefined)} done={list.reload} />}
	</>;
}
