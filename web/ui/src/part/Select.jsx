/* Select - a labelled choice that takes effect at once. */
import { useId } from 'preact/hooks';

export function Select({ label, value, onChange, options }) {
	const id = useId();
	return (
		<span class="select">
			<label for={id}>{label}</label>
			<select id={id} value={value}
				onChange={(e) => onChange(e.target.value)}>
				{options.map(([v, text]) =>
					<option key={v} value={v}>{text}</option>)}
			</select>
		</span>
	);
}
