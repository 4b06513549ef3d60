/* Login - name and password. */
import { useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { go } from '../lib/history.js';
import { t } from '../lib/i18n.js';
import { query as queryOf } from '../lib/route.js';
import { Field } from '../part/Field.jsx';
import { Page } from '../part/Page.jsx';
import { Failure } from '../part/State.jsx';

export default function Login({ query, entered }) {
	const [login, setLogin] = useState('');
	const [password, setPassword] = useState('');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		const answer = await run(() => post('/session', { login, password },
			{ quiet: true }));
		if (answer === null)
			setPassword('');
		else if (answer.data.state === 'ok')
			await entered();
		else
			go('/login/2fa' + queryOf({ next: query.next }));
	};
	return (
		<Page title={t('login.title')} className="narrow">
			<form class="panel" onSubmit={submit}>
				<Field label={t('login.name')} name="login" required
					autocomplete="username" autocapitalize="none"
					spellcheck={false} value={login}
					onInput={(e) => setLogin(e.target.value)} />
				<Field label={t('login.password')} name="password" required
					type="password" autocomplete="current-password"
					value={password}
					onInput={(e) => setPassword(e.target.value)} />
				{problem && <Failure problem={problem} />}
				<div class="buttons">
					<button type="submit" class="primary" disabled={busy}>
						{t('login.go')}</button>
				</div>
				<p class="hint">{t('login.forgot')}</p>
			</form>
		</Page>
	);
}
