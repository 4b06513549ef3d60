/* Second - what a login lacks after the password: a code, a second factor to be
 * set up, or a password of one's own in place of a one-time password. */
import { useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useAction, useData } from '../lib/data.js';
import { go } from '../lib/history.js';
import { t } from '../lib/i18n.js';
import { CodeField } from '../part/CodeField.jsx';
import { Enrol } from '../part/Enrol.jsx';
import { Link } from '../part/Link.jsx';
import { NewPassword } from '../part/NewPassword.jsx';
import { Page } from '../part/Page.jsx';
import { Failure, Wait } from '../part/State.jsx';

function Code({ done }) {
	const [code, setCode] = useState('');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		const answer = await run(() => post('/session/totp', { code },
			{ quiet: true }));
		if (answer)
			done(answer.data.state);
	};
	return (
		<form onSubmit={submit}>
			<CodeField value={code} onInput={setCode} name="code" />
			{problem && <Failure problem={problem} />}
			<div class="buttons"><button type="submit" class="primary"
				disabled={busy}>{t('login.go')}</button></div>
		</form>
	);
}

const FORMS = { totp: Code, enrol: Enrol, password: NewPassword };

export default function Second({ entered }) {
	const session = useData('/session');
	/* Each step says what is lacking then. */
	const done = (state) => state === 'ok' ? entered() : session.reload();
	return (
		<Page title={t('second.title')} className="narrow">
			<div class="panel">
				<Wait on={session}>{({ state }) => {
					const Form = FORMS[state];
					if (!Form)
						return <p><Link to="/">{t('missing.home')}</Link></p>;
					return <>
						<p>{t(`second.${state}`)}</p>
						<Form done={done} />
					</>;
				}}</Wait>
				<p><button type="button" class="plain"
					onClick={() => go('/login')}>{t('second.back')}</button></p>
			</div>
		</Page>
	);
}
