/* Spark - the pass share of 30 days as a line. The scale begins at the lowest
 * day, but never spans less than five points: a tenth must not look like a
 * fall. A day without messages is a gap. */
import { line } from 'd3-shape';
import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { percent, t } from '../lib/i18n.js';

const W = 120, H = 26, PAD = 3;

export function Spark({ values }) {
	const [low, high] = extent(values.filter((v) => v !== null));
	if (low === undefined)
		return null;
	const x = scaleLinear([0, values.length - 1], [PAD, W - PAD]);
	const y = scaleLinear([Math.min(low, high - 5), high], [H - PAD, PAD]);
	const path = line().defined((v) => v !== null)
		.x((v, i) => x(i)).y((v) => y(v))(values);
	const last = values.findLastIndex((v) => v !== null);
	return (
		<svg class="spark" width={W} height={H} viewBox={`0 0 ${W} ${H}`}
			role="img" aria-label={t('spark', { low: percent(low),
				high: percent(high) })}>
			<path d={path} />
			<circle cx={x(last)} cy={y(values[last])} r="2.5" />
		</svg>
	);
}
