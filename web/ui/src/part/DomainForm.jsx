/* DomainForm - what is noted of a domain: a name for people, a note, whether it
 * sends mail at all. */
import { useState } from 'preact/hooks';
import { patch } from '../lib/api.js';
import { useAction } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { Check, Field } from './Field.jsx';
import { Failure } from './State.jsx';

export function DomainForm({ domain, data, etag, saved }) {
	const [form, setForm] = useState({ label: data.label ?? '',
		note: data.note ?? '', parked: data.parked });
	const { busy, problem, run } = useAction();
	const set = (change) => setForm({ ...form, ...change });
	const submit = async (e) => {
		e.preventDefault();
		if (await run(() => patch(path('domains', domain), {
			label: form.label.trim() || null, note: form.note.trim() || null,
			parked: form.parked }, etag)))
			saved();
	};
	return (
		<form class="panel" onSubmit={submit}>
			<h2>{t('manage.title')}</h2>
			<Field label={t('manage.label')} value={form.label} maxLength={100}
				onInput={(e) => set({ label: e.target.value })} />
			<Field label={t('sender.note')} value={form.note} maxLength={500}
				onInput={(e) => set({ note: e.target.value })} />
			<Check label={t('register.parked')} hint={t('register.parked_hint')}
				checked={form.parked}
				onChange={(e) => set({ parked: e.target.checked })} />
			{problem && <Failure problem={problem} />}
			<div class="buttons"><button type="submit" class="primary"
				disabled={busy}>{t('save')}</button></div>
		</form>
	);
}
