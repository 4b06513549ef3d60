/* RecordForm - every tag of the record. Those of RFC 9989 come first; the old
 * ones stand below, for who follows a guide that speaks of them. */
import { t } from '../lib/i18n.js';
import { Check, Choice, Field } from './Field.jsx';
import { StrictHint } from './StrictHint.jsx';
import { Uris } from './Uris.jsx';

const POLICIES = ['none', 'quarantine', 'reject'];
const FO = ['0', '1', 'd', 's'];

/* A tag that may be absent: null is the first option. */
function Optional({ label, hint, value, onChange, values, absent }) {
	return (
		<Field as="select" label={label} hint={hint} value={value ?? ''}
			onChange={(e) => onChange(e.target.value || null)}>
			<option value="">{absent}</option>
			{values.map((v) => <option key={v} value={v}>{v}</option>)}
		</Field>
	);
}

const Alignment = ({ tag, domain, draft, set }) => (
	<Choice legend={t(`tag.${tag}`)} name={tag} value={draft[tag] ?? 'r'}
		hint={<StrictHint domain={domain} tag={tag} />}
		onChange={(v) => set({ [tag]: v === 'r' ? null : v })}
		options={[['r', t('align.relaxed'), t('align.relaxed_note')],
			['s', t('align.strict'), t('align.strict_note')]]} />
);

function Failure({ draft, set }) {
	const toggle = (v, on) => set({ fo: FO.filter((f) =>
		f === v ? on : draft.fo.includes(f)) });
	return (
		<fieldset class="choice">
			<legend>{t('tag.fo')}</legend>
			<div class="options">{FO.map((v) => (
				<label key={v}>
					<input type="checkbox" checked={draft.fo.includes(v)}
						onChange={(e) => toggle(v, e.target.checked)} />
					<span><code>{v}</code><small>{t(`fo.${v}`)}</small></span>
				</label>))}
			</div>
			<p class="hint">{t('tag.fo_hint')}</p>
		</fieldset>
	);
}

/* pct, rf, ri: shown as they are in DNS, written only when asked for. */
function Old({ draft, set }) {
	const number = (e) => e.target.value === '' ? null : Number(e.target.value);
	const row = (tag, input) => (
		<div class="row" key={tag}>
			<Field label={t(`tag.${tag}`)} value={draft[tag] ?? ''}
				disabled={!draft[`keep_${tag}`]} {...input} />
			<Check label={t('old.keep', { tag })} checked={draft[`keep_${tag}`]}
				onChange={(e) => set({ [`keep_${tag}`]: e.target.checked })} />
		</div>
	);
	return (
		<details open={draft.pct !== null || draft.rf !== null ||
			draft.ri !== null}>
			<summary>{t('old.title')}</summary>
			<p class="hint">{t('old.hint')}</p>
			{row('pct', { type: 'number', min: 0, max: 100,
				onInput: (e) => set({ pct: number(e) }) })}
			{row('rf', { onInput: (e) => set({ rf: e.target.value || null }) })}
			{row('ri', { type: 'number', min: 0,
				onInput: (e) => set({ ri: number(e) }) })}
		</details>
	);
}

export function RecordForm({ domain, draft, set, ownRua }) {
	return (
		<div class="panel">
			<Choice legend={t('tag.p')} name="p" value={draft.p}
				onChange={(p) => set({ p })}
				options={POLICIES.map((p) => [p, p, t(`p.${p}`)])} />
			<Check label={t('tag.t')} hint={t('tag.t_hint')}
				checked={draft.t === 'y'}
				onChange={(e) => set({ t: e.target.checked ? 'y' : null })} />
			<div class="two even">
				<Optional label={t('tag.sp')} value={draft.sp} values={POLICIES}
					absent={t('same_as_p')} onChange={(sp) => set({ sp })} />
				<Optional label={t('tag.np')} hint={t('tag.np_hint')}
					value={draft.np} values={POLICIES} absent={t('same_as_sp')}
					onChange={(np) => set({ np })} />
			</div>
			<Alignment tag="adkim" domain={domain} draft={draft} set={set} />
			<Alignment tag="aspf" domain={domain} draft={draft} set={set} />
			<Uris label={t('tag.rua')} fixed={ownRua} value={draft.rua}
				hint={t('tag.rua_hint')} onChange={(rua) => set({ rua })} />
			<Uris label={t('tag.ruf')} fixed={[]} value={draft.ruf}
				hint={t('tag.ruf_hint')} onChange={(ruf) => set({ ruf })} />
			<Failure draft={draft} set={set} />
			<Optional label={t('tag.psd')} hint={t('tag.psd_hint')}
				value={draft.psd} values={['y', 'n', 'u']} absent={t('absent')}
				onChange={(psd) => set({ psd })} />
			<Old draft={draft} set={set} />
		</div>
	);
}
