/* About - settings of the console, and what it is. What stands in the
 * configuration file is shown, not changed. */
import { useState } from 'preact/hooks';
import { patch } from '../lib/api.js';
import { useAction, useData } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { Field } from './Field.jsx';
import { Failure, Wait } from './State.jsx';

function Organisation({ settings, etag, saved }) {
	const [name, setName] = useState(settings.organisation ?? '');
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		if (await run(() => patch('/settings', { organisation: name }, etag)))
			saved();
	};
	return (
		<form class="inline-form panel" onSubmit={submit}>
			<Field label={t('about.organisation')} value={name} maxLength={100}
				onInput={(e) => setName(e.target.value)} />
			<button type="submit" disabled={busy}>{t('save')}</button>
			{problem && <Failure problem={problem} />}
		</form>
	);
}

const Facts = ({ about: a }) => (
	<section class="panel">
		<h2>{t('about.title')}</h2>
		<dl>
			<dt>{t('about.version')}</dt><dd>{a.version}</dd>
			<dt>{t('about.store')}</dt><dd><code>{a.store}</code></dd>
			<dt>{t('about.url')}</dt><dd><code>{a.public_url || t('none')}</code></dd>
			<dt>{t('about.require_2fa')}</dt>
			<dd>{t(`require_2fa.${a.require_2fa}`)}</dd>
			<dt>{t('about.idle')}</dt>
			<dd>{t('minutes', { n: Math.round(a.session_idle_secs / 60) })}</dd>
			<dt>{t('about.max')}</dt>
			<dd>{t('minutes', { n: Math.round(a.session_max_secs / 60) })}</dd>
		</dl>
		<p class="quiet">{t('about.conf')}</p>
		<p><a href="/api/v1/openapi.json">{t('about.api')}</a>{' · '}
			<a href="/assets/licenses.txt">{t('about.licences')}</a></p>
	</section>
);

export function About() {
	const data = useData('/settings');
	return (
		<div class="medium"><Wait on={data}>{(s) => <>
			<Organisation key={data.etag} settings={s} etag={data.etag}
				saved={data.reload} />
			<Facts about={s.about} />
		</>}</Wait></div>
	);
}
