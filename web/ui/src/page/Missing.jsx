/* Missing - an address that is none. */
import { Link } from '../part/Link.jsx';
import { Page } from '../part/Page.jsx';
import { t } from '../lib/i18n.js';

export default function Missing({ at }) {
	return (
		<Page title={t('missing.title')}>
			<p>{t('missing.text', { path: at.pathname })}</p>
			<p><Link to="/">{t('missing.home')}</Link></p>
		</Page>
	);
}
