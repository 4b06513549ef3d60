/* Theme - as the system says, light, or dark. */
import { useState } from 'preact/hooks';
import { remember } from '../lib/adopt.js';
import { t } from '../lib/i18n.js';
import { useSession } from '../lib/session.js';
import { THEMES, setTheme, theme } from '../lib/theme.js';

export function Theme() {
	const session = useSession();
	const [name, setName] = useState(theme);
	const change = (e) => {
		setTheme(e.target.value);
		setName(e.target.value);
		remember(session, { theme: e.target.value });
	};
	return (
		<select aria-label={t('nav.theme')} value={name} onChange={change}>
			{THEMES.map((n) =>
				<option key={n} value={n}>{t(`theme.${n}`)}</option>)}
		</select>
	);
}
