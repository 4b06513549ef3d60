/* Me - one's own account: role, second factor, password, logins, tokens. */
import { useState } from 'preact/hooks';
import { del, post } from '../lib/api.js';
import { useAction, useData } from '../lib/data.js';
import { list, t, time } from '../lib/i18n.js';
import { Badge } from '../part/Badge.jsx';
import { Codes } from '../part/Codes.jsx';
import { Enrol } from '../part/Enrol.jsx';
import { NewPassword } from '../part/NewPassword.jsx';
import { Page } from '../part/Page.jsx';
import { Sessions } from '../part/Sessions.jsx';
import { Failure, Wait } from '../part/State.jsx';
import { Tokens } from '../part/Tokens.jsx';

const Account = ({ me }) => (
	<section class="panel">
		<h2>{t('me.account')}</h2>
		<dl>
			<dt>{t('login.name')}</dt><dd><bdi>{me.login}</bdi></dd>
			<dt>{t('users.role')}</dt>
			<dd>{t(`role.${me.role}`)} <span class="quiet">
				{t(`role.${me.role}.note`)}</span></dd>
			<dt>{t('nav.domains')}</dt>
			<dd>{me.all_domains ? t('filter.all') : list(me.domains)}</dd>
			<dt>{t('me.last')}</dt>
			<dd>{me.last_login ? time(me.last_login) : t('none')}</dd>
		</dl>
	</section>
);

function SecondFactor({ me, reload }) {
	const [setting, setSetting] = useState(false);
	const [codes, setCodes] = useState(null);
	const { busy, problem, run } = useAction();
	const renew = () => run(async () => {
		const { data } = await post('/me/recovery-codes', {});
		setCodes(data.recovery_codes);
		reload();
	});
	const remove = async () => {
		if (await run(() => del('/me/totp')))
			reload();
	};
	const done = () => {
		setSetting(false);
		reload();
	};
	return (
		<section class="panel">
			<h2>{t('factor.title')}</h2>
			<p><Badge kind={me.totp ? 'good' : 'warn'}>{me.totp
				? t('factor.on') : t('factor.off')}</Badge>{' '}
				{me.totp && t('factor.codes', { n: me.recovery_codes })}</p>
			{problem && <Failure problem={problem} />}
			{codes && <Codes codes={codes} />}
			{setting ? <Enrol done={done} /> : <div class="buttons">
				<button type="button" onClick={() => setSetting(true)}>
					{me.totp ? t('factor.again') : t('factor.set')}</button>
				{me.totp && <button type="button" disabled={busy}
					onClick={renew}>{t('factor.renew')}</button>}
				{me.totp && !me.totp_required && <button type="button"
					class="danger" disabled={busy} onClick={remove}>
					{t('factor.remove')}</button>}
			</div>}
		</section>
	);
}

export default function Me() {
	const me = useData('/me');
	return (
		<Page title={t('me.title')}>
			<Wait on={me}>{(data) => <div class="two even">
				<div><Account me={data} />
					<SecondFactor me={data} reload={me.reload} /></div>
				<section class="panel"><h2>{t('password.title')}</h2>
					<NewPassword /></section>
			</div>}</Wait>
			<Sessions />
			<Tokens />
		</Page>
	);
}
