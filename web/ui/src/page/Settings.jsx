/* Settings - of administrators: users, the audit log, the console itself. */
import { t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { About } from '../part/About.jsx';
import { Audit } from '../part/Audit.jsx';
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { Empty } from '../part/State.jsx';
import { Users } from '../part/Users.jsx';

const TABS = { users: Users, audit: Audit, about: About };

export default function Settings({ params, query }) {
	const session = useSession();
	const tab = params.tab in TABS ? params.tab : 'users';
	const View = TABS[tab];
	if (!may(session, 'admin'))
		return <Page title={t('nav.settings')}>
			<Empty>{t('problem.forbidden')}</Empty></Page>;
	return (
		<Page title={t('nav.settings')}>
			<nav class="tabs" aria-label={t('nav.settings')}>
				<ul>{Object.keys(TABS).map((name) => (
					<li key={name}><Link to={path('settings', name)}
						aria-current={name === tab ? 'page' : undefined}>
						{t(`tab.${name}`)}</Link></li>))}
				</ul>
			</nav>
			<View query={query} />
		</Page>
	);
}
