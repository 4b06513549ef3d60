/* Verify - asks DNS now whether what was to be published is there. */
import { useEffect, useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { clock, t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Mark } from './Mark.jsx';
import { SEVERITY_KIND } from './Remarks.jsx';
import { Failure, Loading } from './State.jsx';

const Checks = ({ result: r }) => (
	<div role="status">
		<p class="policy-line"><Mark kind={r.verified ? 'good' : 'warn'} />
			<strong>{r.verified ? t('verify.yes') : t('verify.no')}</strong>
			<span class="quiet">{t('record.asked',
				{ time: clock(r.asked_utc) })}</span></p>
		<ul class="checks">{r.checks.map((c) => (
			<li key={c.code}><Mark kind={SEVERITY_KIND[c.state]} />
				<span><span class="hidden">{t(`severity.${c.state}`)} </span>
					{c.state === 'ok' ? t(`check.${c.code}`)
						: c.until_utc ? t('check.until',
							{ time: clock(c.until_utc) }) : c.text}</span></li>))}
		</ul>
		{r.record && <pre class="record">{r.record}</pre>}
		<p class="quiet">{t('verify.first')}</p>
	</div>
);

export function Verify({ domain, record }) {
	const [result, setResult] = useState(null);
	const { busy, problem, run } = useAction();
	const check = () => run(async () => {
		const { data } = await post(path('domains', domain, 'record',
			'verify'), { record });
		setResult(data);
	});
	useEffect(() => {
		check();
	}, []);
	return (
		<section class="panel">
			<h2>{t('step.verify')}</h2>
			{busy && <Loading />}
			{problem && <Failure problem={problem} />}
			{result && !busy && <Checks result={result} />}
			<button type="button" disabled={busy} onClick={check}>
				{t('verify.again')}</button>
		</section>
	);
}
