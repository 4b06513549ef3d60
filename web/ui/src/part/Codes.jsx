/* Codes - recovery codes, which are shown this once. */
import { t } from '../lib/i18n.js';
import { Copy } from './Copy.jsx';

export const Codes = ({ codes }) => (
	<div role="status">
		<h3>{t('codes.title')}</h3>
		<p>{t('codes.text')}</p>
		<Copy text={codes.join('\n')} label={t('codes.title')} />
	</div>
);
