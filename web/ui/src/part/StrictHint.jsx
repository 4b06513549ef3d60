/* StrictHint - how many messages that pass would fail if one kind of alignment
 * were strict: said beside the choice, before it is made. */
import { useData } from '../lib/data.js';
import { t } from '../lib/i18n.js';
import { isoDay } from '../lib/period.js';
import { path } from '../lib/route.js';

const DAYS = 28;

export function StrictHint({ domain, tag }) {
	const now = Date.now();
	const { data } = useData(path('domains', domain, 'simulate'), {
		from: isoDay(now - (DAYS - 1) * 86400000), to: isoDay(now),
		[tag]: 's' });
	if (!data)
		return null;
	return t('align.would', { n: Math.max(0, data.pass_now - data.pass_then),
		days: DAYS });
}
