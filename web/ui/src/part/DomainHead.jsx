/* DomainHead - what every page of a domain begins with: its name, what it has
 * published, and its pages. */
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { Link } from './Link.jsx';
import { Page } from './Page.jsx';

const TABS = [
	['overview', []], ['senders', ['senders']], ['policy', ['policy']],
	['dns', ['dns']], ['tallies', ['tallies']], ['reports', null],
];

function Tabs({ domain, tab }) {
	const session = useSession();
	return (
		<nav class="tabs" aria-label={t('domain.tabs', { domain })}>
			<ul>{TABS.map(([name, more]) => (
				<li key={name}><Link aria-current={name === tab ? 'page'
					: undefined} to={more ? path('d', domain, ...more)
						: '/reports?domain=' + encodeURIComponent(domain)}>
					{t(`tab.${name}`)}</Link></li>))}
			{may(session, 'editor') && <li><Link to={path('d', domain, 'manage')}
				aria-current={tab === 'manage' ? 'page' : undefined}>
				{t('tab.manage')}</Link></li>}
			</ul>
		</nav>
	);
}

export function DomainPage({ domain, tab, title, actions, children }) {
	return (
		<Page title={`${domain} · ${title ?? t(`tab.${tab}`)}`}
			heading={<><bdi class="domain">{domain}</bdi>
				<span class="sub">{title ?? t(`tab.${tab}`)}</span></>}
			actions={actions}>
			<Tabs domain={domain} tab={tab} />
			{children}
		</Page>
	);
}
