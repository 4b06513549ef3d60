/* Period - which days the page is about: three buttons, or two dates. */
import { useState } from 'preact/hooks';
import { go, here, setQuery } from '../lib/history.js';
import { t } from '../lib/i18n.js';
import { CHOICES } from '../lib/period.js';
import { query } from '../lib/route.js';

function Custom({ period }) {
	const [from, setFrom] = useState(period.from);
	const [to, setTo] = useState(period.to);
	const submit = (e) => {
		e.preventDefault();
		if (from <= to)
			setQuery({ from, to, days: null });
	};
	return (
		<form class="row" onSubmit={submit}>
			<label>{t('period.from')} <input type="date" value={from} required
				onInput={(e) => setFrom(e.target.value)} /></label>
			<label>{t('period.to')} <input type="date" value={to} required min={from}
				onInput={(e) => setTo(e.target.value)} /></label>
			<button type="submit">{t('period.show')}</button>
		</form>
	);
}

export function Period({ period }) {
	const [open, setOpen] = useState(period.days === null);
	const choose = (days) => {
		setOpen(false);
		const at = here();
		go(at.pathname + query({ ...at.query, days, from: null, to: null }),
			{ replace: true });
	};
	return (
		<div class="period" role="group" aria-label={t('period')}>
			{CHOICES.map((n) =>
				<button type="button" key={n} aria-pressed={n === period.days}
					onClick={() => choose(n)}>{t('period.days', { n })}</button>)}
			<button type="button" aria-pressed={period.days === null}
				aria-expanded={open} onClick={() => setOpen(!open)}>
				{t('period.custom')}</button>
			{open && <Custom period={period} />}
		</div>
	);
}
