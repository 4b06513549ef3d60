/* Csv - the list, with its filters, as a file. Asked for by the Accept header,
 * which a plain link cannot send. */
import { fileUrl } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';

async function download(path, query, name) {
	const response = await fetch(fileUrl(path, query),
		{ headers: { Accept: 'text/csv' }, credentials: 'same-origin' });
	if (!response.ok)
		throw new Error(String(response.status));
	const url = URL.createObjectURL(await response.blob());
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	/* The browser reads the blob after the click. */
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function Csv({ path, query, name }) {
	const { busy, problem, run } = useAction();
	return <>
		<button type="button" disabled={busy}
			onClick={() => run(() => download(path, query, name))}>
			{t('csv')}</button>
		{problem && <span role="alert" class="error">{t('csv.failed')}</span>}
	</>;
}
