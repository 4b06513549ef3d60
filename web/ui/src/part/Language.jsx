/* Language - each named in itself, for who cannot read the present one. */
import { LANGUAGES, language, t } from '../lib/i18n.js';
import { setLanguage } from '../lib/language.js';
import { useSession } from '../lib/session.js';
import { remember } from '../lib/adopt.js';

const NAMES = { en: 'English', ja: '日本語', ko: '한국어', it: 'Italiano' };

export function Language() {
	const session = useSession();
	const change = (e) => {
		setLanguage(e.target.value);
		remember(session, { language: e.target.value });
	};
	return (
		<select aria-label={t('nav.language')} value={language()}
			onChange={change}>
			{LANGUAGES.map((l) =>
				<option key={l} value={l} lang={l}>{NAMES[l]}</option>)}
		</select>
	);
}
