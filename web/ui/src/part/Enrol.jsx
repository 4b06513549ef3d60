/* Enrol - set up the second factor: a picture for the phone, the secret for
 * who types it, the first code, and then the recovery codes. */
import { useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { Codes } from './Codes.jsx';
import { CodeField } from './CodeField.jsx';
import { Failure } from './State.jsx';

function Confirm({ enrolment, done }) {
	const [code, setCode] = useState('');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		const answer = await run(() => post('/me/totp/confirm', { code },
			{ quiet: true }));
		if (answer)
			done(answer.data.recovery_codes);
	};
	return (
		<form onSubmit={submit}>
			<p>{t('enrol.scan')}</p>
			<img class="qr" src={enrolment.qr} alt={t('enrol.qr')} width="200"
				height="200" />
			<p>{t('enrol.type')} <code>{enrolment.secret}</code></p>
			<CodeField value={code} hint={null} onInput={setCode} />
			{problem && <Failure problem={problem} />}
			<div class="buttons"><button type="submit" class="primary"
				disabled={busy}>{t('enrol.confirm')}</button></div>
		</form>
	);
}

export function Enrol({ done }) {
	const [enrolment, setEnrolment] = useState(null);
	const [codes, setCodes] = useState(null);
	const { busy, problem, run } = useAction();
	const begin = () => run(async () => {
		const { data } = await post('/me/totp', {}, { quiet: true });
		setEnrolment(data);
	});
	if (codes)
		return <>
			<Codes codes={codes} />
			<div class="buttons"><button type="button" class="primary"
				onClick={() => done('ok')}>{t('codes.kept')}</button></div>
		</>;
	if (enrolment)
		return <Confirm enrolment={enrolment} done={setCodes} />;
	return <>
		<p>{t('enrol.text')}</p>
		{problem && <Failure problem={problem} />}
		<div class="buttons"><button type="button" class="primary"
			disabled={busy} onClick={begin}>{t('enrol.begin')}</button></div>
	</>;
}
