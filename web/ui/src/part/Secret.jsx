/* Secret - a password or a token that the server shows once. */
import { t } from '../lib/i18n.js';
import { Copy } from './Copy.jsx';

export const Secret = ({ label, value }) => (
	<div role="status">
		<p><strong>{label}</strong> {t('secret.once')}</p>
		<Copy text={value} label={label} />
	</div>
);
