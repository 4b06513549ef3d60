/* Upload - takes in a report that came by another way than mail. */
import { useRef, useState } from 'preact/hooks';
import { request } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { OutcomeBadge } from './Badge.jsx';
import { Dialog } from './Dialog.jsx';
import { Link } from './Link.jsx';
import { Failure } from './State.jsx';

const TYPES = { xml: 'application/xml', gz: 'application/gzip',
	zip: 'application/zip', eml: 'message/rfc822' };

/* By the name; the server looks at the content anyway. */
const typeOf = (name) =>
	TYPES[name.split('.').pop().toLowerCase()] ?? 'application/octet-stream';

const send = (file) => request('POST', '/reports',
	{ body: file, type: typeOf(file.name) });

const Result = ({ result }) => (
	<div role="status">
		<p><OutcomeBadge name={result.outcome} /> {result.text}</p>
		<ul>{result.reports.map((r, i) => (
			<li key={i}><OutcomeBadge name={r.outcome} />{' '}
				{r.report_key === null ? <bdi>{r.org_name} {r.text}</bdi>
					: <Link to={path('reports', String(r.report_key))}>
						<bdi>{r.org_name} {r.report_id}</bdi></Link>}
			</li>))}
		</ul>
	</div>
);

export function Upload({ done }) {
	const [open, setOpen] = useState(false);
	const [result, setResult] = useState(null);
	const { busy, problem, run } = useAction();
	const input = useRef(null);
	const submit = (e) => {
		e.preventDefault();
		run(async () => {
			const { data } = await send(input.current.files[0]);
			setResult(data);
			done();
		});
	};
	const close = () => {
		setOpen(false);
		setResult(null);
	};
	return <>
		<button type="button" onClick={() => setOpen(true)}>
			{t('upload.open')}</button>
		{open && <Dialog title={t('upload.title')} onClose={close}>
			<form onSubmit={submit}>
				<p>{t('upload.text')}</p>
				<input type="file" ref={input} required
					aria-label={t('upload.file')}
					accept=".xml,.gz,.zip,.eml" />
				{problem && <Failure problem={problem} />}
				{result && <Result result={result} />}
				<div class="buttons">
					<button type="button" onClick={close}>{t('close')}</button>
					<button type="submit" class="primary" disabled={busy}>
						{t('upload.go')}</button>
				</div>
			</form>
		</Dialog>}
	</>;
}
