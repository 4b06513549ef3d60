/* Language - each named in itself, for who cannot read the present one. */
import { LANGUAGES, language, t } from '../lib/i18n.js';
import { setLanguage } from '../lib/language.js';

const NAMES = { en: 'English', ja: '日本語', ko: '한국어', it: 'Italiano' };

export const Language = () => (
	<select aria-label={t('nav.language')} value={language()}
		onChange={(e) => setLanguage(e.target.value)}>
		{LANGUAGES.map((l) =>
			<option key={l} value={l} lang={l}>{NAMES[l]}</option>)}
	</select>
);
