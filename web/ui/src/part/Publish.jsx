/* Publish - the record in the form that each way of changing DNS takes. */
import { useState } from 'preact/hooks';
import { t } from '../lib/i18n.js';
import { Copy } from './Copy.jsx';

/* As the API names them. Names of products are not translated. */
const WAYS = ['text', 'bind', 'nsupdate', 'route53', 'cloudflare', 'terraform',
	'powerdns'];

function Instructions({ name, instructions }) {
	const [way, setWay] = useState('text');
	return (
		<div class="panel">
			<h3>{t('publish.at', { name })}</h3>
			<div class="period" role="group" aria-label={t('publish.ways')}>
				{WAYS.map((w) => <button type="button" key={w}
					aria-pressed={w === way} onClick={() => setWay(w)}>
					{t(`way.${w}`)}</button>)}
			</div>
			<Copy key={way} text={instructions[way].trimEnd()}
				label={t('publish.at', { name })} />
		</div>
	);
}

export function Publish({ preview: p }) {
	return <>
		<p>{t('publish.text', { domain: p.domain })}</p>
		<dl>
			<dt>{t('publish.name')}</dt><dd><code>{p.name}</code></dd>
			<dt>{t('publish.type')}</dt><dd><code>TXT</code></dd>
			<dt>{t('publish.ttl')}</dt><dd><code>{String(p.ttl)}</code></dd>
		</dl>
		<Copy text={p.record} label={t('preview.title')} />
		<Instructions name={p.name} instructions={p.instructions} />
		{p.authorisations.length > 0 && <>
			<h2>{t('publish.also')}</h2>
			<p>{t('publish.also_why')}</p>
			{p.authorisations.map((a) => <Instructions key={a.name}
				name={a.name} instructions={a.instructions} />)}</>}
	</>;
}
