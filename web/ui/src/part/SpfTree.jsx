/* SpfTree - a record of SPF and those that it includes, with the look-ups that
 * each costs. */
import { t } from '../lib/i18n.js';

export function SpfTree({ node }) {
	return (
		<div>
			<div><bdi><strong>{node.domain}</strong></bdi>{' '}
				<span class="quiet">{t('spf.lookups', { n: node.lookups })}
					{' '}{node.outcome !== 'found' && t(`dns.${node.outcome}`)}
				</span></div>
			<ul class="tree">{node.terms.map((term, i) => (
				<li key={i}><code>{term.term}</code>
					{term.node ? <SpfTree node={term.node} />
						: term.lookups > 0 && <span class="quiet">
							{' '}{t('spf.lookups', { n: term.lookups })}</span>}
				</li>))}
			</ul>
		</div>
	);
}
