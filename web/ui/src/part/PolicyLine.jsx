/* PolicyLine - what is published, tag by tag, and where that was seen. */
import { t } from '../lib/i18n.js';
import { PolicyBadge } from './Badge.jsx';

const TAGS = ['sp', 'np', 'adkim', 'aspf', 'pct'];

export function PolicyLine({ policy }) {
	return (
		<p class="policy-line">
			<PolicyBadge p={policy.p} />
			{TAGS.filter((tag) => policy[tag] !== null &&
				policy[tag] !== undefined).map((tag) =>
				<code key={tag}>{`${tag}=${policy[tag]}`}</code>)}
			{policy.testing && <code>t=y</code>}
			{policy.inherited_from && <span class="quiet">
				{t('policy.inherited', { from: policy.inherited_from })}</span>}
			{policy.source && <span class="quiet">
				{t(`policy.source.${policy.source}`)}</span>}
		</p>
	);
}
