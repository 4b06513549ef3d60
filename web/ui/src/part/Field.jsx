/* Field - an input with its label, a hint, and what is wrong with it. */
import { useId } from 'preact/hooks';

export function Field({ label, hint, error, as: As = 'input', children, ...input }) {
	const id = useId();
	const about = [hint && `${id}-hint`, error && `${id}-error`]
		.filter(Boolean).join(' ');
	return (
		<div class={error ? 'field field-bad' : 'field'}>
			<label for={id}>{label}</label>
			<As id={id} aria-describedby={about || undefined}
				aria-invalid={error ? 'true' : undefined} {...input}>{children}</As>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
			{error && <p class="error" id={`${id}-error`}>{error}</p>}
		</div>
	);
}

/* One of a few, all visible. options: [[value, text, note]] */
export function Choice({ legend, name, value, onChange, options, hint }) {
	return (
		<fieldset class="choice">
			<legend>{legend}</legend>
			<div class="options">{options.map(([v, text, note]) => (
				<label key={v}>
					<input type="radio" name={name} value={v} checked={v === value}
						onChange={() => onChange(v)} />
					<span>{text}{note && <small>{note}</small>}</span>
				</label>))}
			</div>
			{hint && <p class="hint">{hint}</p>}
		</fieldset>
	);
}

export function Check({ label, hint, ...input }) {
	const id = useId();
	return (
		<div class="check">
			<input type="checkbox" id={id}
				aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
			<label for={id}>{label}</label>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
		</div>
	);
}
