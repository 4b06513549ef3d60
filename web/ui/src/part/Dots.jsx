/* Dots - on which of the last 30 days a reporter reported: filled or hollow,
 * so that the shape says it too. */
import { t } from '../lib/i18n.js';

const STEP = 7, SIZE = 5;

export function Dots({ days }) {
	const heard = days.filter(Boolean).length;
	return (
		<svg class="dots" role="img" width={days.length * STEP} height={SIZE + 4}
			viewBox={`0 0 ${days.length * STEP} ${SIZE + 4}`}
			aria-label={t('dots', { heard, days: days.length })}>
			{days.map((on, i) => <rect key={i} x={i * STEP + 1}
				y={on ? 2 : 5} width={SIZE} height={on ? SIZE : 1}
				class={on ? 'on' : 'off'} />)}
		</svg>
	);
}
