/* UserForm - a new user, or role and domains of one that is there. */
import { useState } from 'preact/hooks';
import { patch, post, put } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { ROLES } from '../lib/session.js';
import { Dialog } from './Dialog.jsx';
import { Check, Choice, Field } from './Field.jsx';
import { Secret } from './Secret.jsx';
import { Failure } from './State.jsx';

/* Domains are typed with blanks or commas between them. */
export const domainsOf = (text) => text.split(/[\s,]+/).filter(Boolean);

async function save(user, form) {
	const grants = { all_domains: form.all,
		domains: form.all ? [] : domainsOf(form.domains) };
	if (user === null)
		return (await post('/users', { login: form.login.trim(),
			role: form.role, ...grants })).data.password;
	if (form.role !== user.role || form.disabled !== user.disabled)
		await patch(`/users/${user.id}`, { role: form.role,
			disabled: form.disabled });
	await put(`/users/${user.id}/grants`, grants);
	return null;
}

function Fields({ user, form, set }) {
	return <>
		{user === null && <Field label={t('login.name')} value={form.login}
			required autocapitalize="none" spellcheck={false} autocomplete="off"
			onInput={(e) => set({ login: e.target.value })} />}
		<Choice legend={t('users.role')} name="role" value={form.role}
			onChange={(role) => set({ role })} options={ROLES.map((r) =>
				[r, t(`role.${r}`), t(`role.${r}.note`)])} />
		<Check label={t('users.all_domains')} checked={form.all}
			onChange={(e) => set({ all: e.target.checked })} />
		{!form.all && <Field as="textarea" rows={3} label={t('nav.domains')}
			hint={t('users.domains_hint')} value={form.domains}
			onInput={(e) => set({ domains: e.target.value })} />}
		{user !== null && <Check label={t('users.disabled')}
			checked={form.disabled}
			onChange={(e) => set({ disabled: e.target.checked })} />}
	</>;
}

export function UserForm({ user, close, done }) {
	const [form, setForm] = useState({ login: '', role: user?.role ?? 'viewer',
		all: user?.all_domains ?? true, disabled: user?.disabled ?? false,
		domains: user?.domains.join('\n') ?? '' });
	const [secret, setSecret] = useState(null);
	const { busy, problem, run } = useAction();
	const submit = (e) => {
		e.preventDefault();
		run(async () => {
			const password = await save(user, form);
			done();
			if (password === null)
				close();
			else
				setSecret(password);
		});
	};
	return (
		<Dialog title={user ? user.login : t('users.new')} onClose={close}>
			{secret ? <Secret label={t('users.one_time')} value={secret} />
				: <form id="user" onSubmit={submit}>
					<Fields user={user} form={form}
						set={(change) => setForm({ ...form, ...change })} />
					{problem && <Failure problem={problem} />}
				</form>}
			<div class="buttons">
				<button type="button" onClick={close}>{t('close')}</button>
				{!secret && <button type="submit" form="user" class="primary"
					disabled={busy}>{t('save')}</button>}
			</div>
		</Dialog>
	);
}
