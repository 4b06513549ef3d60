/* Csv - the list, with its filters, as a file. */
import { fileUrl } from '../lib/api.js';
import { t } from '../lib/i18n.js';

export const Csv = ({ path, query, name }) => (
	<a class="button" download={name}
		href={fileUrl(path, { ...query, format: 'csv' })}>{t('csv')}</a>
);
