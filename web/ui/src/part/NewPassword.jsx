/* NewPassword - asks for the present one and twice for the new one. */
import { useState } from 'preact/hooks';
import { put } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { useSession } from '../lib/session.js';
import { Field } from './Field.jsx';
import { Failure } from './State.jsx';

export function NewPassword({ done }) {
	/* For password managers, which want to know whose it is. */
	const session = useSession();
	const [form, setForm] = useState({ password: '', first: '', second: '' });
	const [changed, setChanged] = useState(false);
	const { busy, problem, run } = useAction();
	const field = (name, label, complete, more = {}) => (
		<Field type="password" required label={label} autocomplete={complete}
			value={form[name]} onInput={(e) => setForm({ ...form,
				[name]: e.target.value })} {...more} />
	);
	const differ = form.second !== '' && form.first !== form.second;
	const submit = async (e) => {
		e.preventDefault();
		if (form.first !== form.second)
			return;
		const answer = await run(() => put('/me/password', {
			password: form.password, new: form.first }));
		if (answer) {
			setForm({ password: '', first: '', second: '' });
			setChanged(true);
			done?.(answer.data.state);
		}
	};
	return (
		<form onSubmit={submit}>
			<input class="hidden" autocomplete="username" readOnly tabIndex={-1}
				aria-hidden="true" value={session?.login ?? ''} />
			{field('password', t('password.now'), 'current-password')}
			{field('first', t('password.new'), 'new-password',
				{ hint: t('password.hint') })}
			{field('second', t('password.again'), 'new-password',
				{ error: differ ? t('password.differ') : null })}
			{problem && <Failure problem={problem} />}
			{changed && <p role="status">{t('password.changed')}</p>}
			<div class="buttons"><button type="submit" class="primary"
				disabled={busy || differ}>{t('password.go')}</button></div>
		</form>
	);
}
