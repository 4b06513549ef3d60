/* StepUp - asks for the password again before something that matters. */
import { useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { useSession } from '../lib/session.js';
import { Dialog } from './Dialog.jsx';
import { Field } from './Field.jsx';
import { Failure } from './State.jsx';

export function StepUp({ done }) {
	const session = useSession();
	const [password, setPassword] = useState('');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		if (await run(() => post('/session/step-up', { password },
			{ quiet: true })))
			done(true);
	};
	return (
		<Dialog title={t('stepup.title')} onClose={() => done(false)}>
			<form onSubmit={submit}>
				<p>{t('stepup.why')}</p>
				<input class="hidden" autocomplete="username" readOnly tabIndex={-1}
					aria-hidden="true" value={session?.login ?? ''} />
				<Field label={t('login.password')} type="password" required
					autocomplete="current-password" value={password}
					onInput={(e) => setPassword(e.target.value)} />
				{problem && <Failure problem={problem} />}
				<div class="buttons">
					<button type="button" onClick={() => done(false)}>
						{t('cancel')}</button>
					<button type="submit" class="primary" disabled={busy}>
						{t('stepup.go')}</button>
				</div>
			</form>
		</Dialog>
	);
}
