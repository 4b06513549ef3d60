/* CodeField - a code of six digits, or a recovery code. */
import { t } from '../lib/i18n.js';
import { Field } from './Field.jsx';

export const CodeField = ({ onInput, ...rest }) => (
	<Field label={t('code.label')} hint={t('code.hint')} required
		autocomplete="one-time-code" autocapitalize="none" spellcheck={false}
		onInput={(e) => onInput(e.target.value.trim())} {...rest} />
);
