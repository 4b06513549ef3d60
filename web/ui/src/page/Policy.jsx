/* Policy - the record: as it is in DNS, and the three steps to another one:
 * edit, publish, verify. The console never changes DNS itself. */
import { useEffect, useState } from 'preact/hooks';
import { post } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { setQuery } from '../lib/history.js';
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { DomainPage } from '../part/DomainHead.jsx';
import { History } from '../part/History.jsx';
import { Preview } from '../part/Preview.jsx';
import { Publish } from '../part/Publish.jsx';
import { RecordForm } from '../part/RecordForm.jsx';
import { RecordNow } from '../part/RecordNow.jsx';
import { Rehearsal } from '../part/Rehearsal.jsx';
import { Failure, Loading, Wait } from '../part/State.jsx';
import { Verify } from '../part/Verify.jsx';

const STEPS = ['edit', 'publish', 'verify'];
const PAUSE_MS = 250;

/* The form begins with what DNS has, p=none where it has nothing, and with the
 * addresses of this server. */
export function firstDraft(record) {
	const d = record.draft;
	const others = d.rua.filter((u) => !record.own_rua.includes(u));
	return { ...d, p: d.p ?? 'none', rua: [...record.own_rua, ...others],
		keep_pct: false, keep_rf: false, keep_ri: false };
}

/* The record of a draft: asked for once typing pauses. An address that is
 * still empty is none. */
function usePreview(domain, draft) {
	const [state, setState] = useState({});
	const key = JSON.stringify(draft);
	useEffect(() => {
		const stop = new AbortController();
		const timer = setTimeout(() => post(path('domains', domain, 'record',
			'preview'), { ...draft, rua: draft.rua.filter(Boolean),
			ruf: draft.ruf.filter(Boolean) }, { signal: stop.signal }).then(
			({ data }) => setState({ data }),
			(problem) => problem.name === 'AbortError' ||
				setState((s) => ({ ...s, problem }))), PAUSE_MS);
		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [key]);
	return state;
}

const Steps = ({ step }) => (
	<ol class="steps">{STEPS.map((s, i) => (
		<li key={s}><button type="button" aria-current={s === step ? 'step'
			: undefined} onClick={() => setQuery({ step: s })}>
			{t('step.n', { number: i + 1, name: t(`step.${s}`) })}</button></li>))}
	</ol>
);

function Next({ step }) {
	const i = STEPS.indexOf(step);
	return (
		<div class="buttons">
			{i > 0 && <button type="button"
				onClick={() => setQuery({ step: STEPS[i - 1] })}>
				{t('step.back')}</button>}
			{i < STEPS.length - 1 && <button type="button" class="primary"
				onClick={() => setQuery({ step: STEPS[i + 1] })}>
				{t('step.next')}</button>}
		</div>
	);
}

function Wizard({ domain, record, step }) {
	const [draft, setDraft] = useState(() => firstDraft(record));
	const { data: preview, problem } = usePreview(domain, draft);
	const set = (changes) => setDraft((d) => ({ ...d, ...changes }));
	const shown = problem ? <Failure problem={problem} />
		: preview ? <Preview preview={preview} /> : <Loading />;
	return <>
		<Steps step={step} />
		{step === 'edit' && <div class="wizard">
			<div>
				<RecordNow record={record} />
				<RecordForm domain={domain} draft={draft} set={set}
					ownRua={record.own_rua} />
			</div>
			<div class="side">
				{shown}
				<Next step={step} />
				<Rehearsal domain={domain} draft={draft} />
			</div>
		</div>}
		{step === 'publish' && (preview ? <div class="medium">
			<Publish preview={preview} /><Next step={step} /></div> : shown)}
		{step === 'verify' && (preview ? <div class="medium">
			<Verify domain={domain} record={preview.record} />
			<Next step={step} /></div> : shown)}
	</>;
}

/* For who may not change it: the record, and what the next policy would do. */
function Look({ domain, record }) {
	const [p, setP] = useState('reject');
	return (
		<div class="wizard">
			<RecordNow record={record} />
			<div>
				<div class="period" role="group" aria-label={t('tag.p')}>
					{['none', 'quarantine', 'reject'].map((v) =>
						<button type="button" key={v} aria-pressed={v === p}
							onClick={() => setP(v)}>{v}</button>)}
				</div>
				<Rehearsal domain={domain} draft={{ ...record.draft, p }} />
			</div>
		</div>
	);
}

export default function Policy({ params, query }) {
	const { domain } = params;
	const editor = may(useSession(), 'editor');
	const record = useData(path('domains', domain, 'record'));
	const step = STEPS.includes(query.step) ? query.step : 'edit';
	return (
		<DomainPage domain={domain} tab="policy">
			<Wait on={record}>{(r) => editor
				? <Wizard domain={domain} record={r} step={step} />
				: <Look domain={domain} record={r} />}</Wait>
			{step === 'edit' && <History domain={domain} />}
		</DomainPage>
	);
}
