/* Shell - what stands around every page: where one can go, who one is. */
import { useState } from 'preact/hooks';
import { request } from '../lib/api.js';
import { go } from '../lib/history.js';
import { t } from '../lib/i18n.js';
import { may, useSession } from '../lib/session.js';
import { Language } from './Language.jsx';
import { Link } from './Link.jsx';
import { Theme } from './Theme.jsx';

const PLACES = [
	['/', 'nav.domains', 'viewer', ['domains', 'domain', 'senders', 'sender',
		'policy', 'dns', 'tallies', 'manage']],
	['/reports', 'nav.reports', 'viewer', ['reports', 'report']],
	['/reporters', 'nav.reporters', 'viewer', ['reporters']],
	['/ingest', 'nav.ingest', 'viewer', ['ingest']],
	['/settings', 'nav.settings', 'admin', ['settings']],
];

function Nav({ at, session, id, close }) {
	return (
		<nav id={id} aria-label={t('nav')}>
			<ul>{PLACES.filter(([, , role]) => may(session, role))
				.map(([to, key, , pages]) => (
					<li key={to} onClick={close}><Link to={to} aria-current={
						pages.includes(at.name) ? 'page' : undefined}>
						{t(key)}</Link></li>))}
			</ul>
		</nav>
	);
}

function Account({ session, refresh }) {
	const leave = async () => {
		await request('DELETE', '/session', { quiet: true }).catch(() => {});
		await refresh();
		go('/login');
	};
	return (
		<div class="account">
			<Link to="/me">{session.login}</Link>
			<button type="button" class="plain" onClick={leave}>
				{t('nav.logout')}</button>
		</div>
	);
}

export function Shell({ at, refresh, children }) {
	const session = useSession();
	const [open, setOpen] = useState(false);
	const skip = (e) => {
		e.preventDefault();
		document.getElementById('main').focus();
	};
	return (
		<>
			<a class="skip" href="#main" onClick={skip}>{t('nav.skip')}</a>
			<header class={open ? 'top open' : 'top'}>
				<Link to="/" class="brand">{t('brand')}</Link>
				{session && <button type="button" class="plain menu"
					aria-expanded={open} aria-controls="nav"
					onClick={() => setOpen(!open)}>{t('nav.menu')}</button>}
				{session && <Nav at={at} session={session} id="nav"
					close={() => setOpen(false)} />}
				<div class="tools">
					<Language />
					<Theme />
					{session && <Account session={session} refresh={refresh} />}
				</div>
			</header>
			<main id="main" tabIndex={-1}>{children}</main>
		</>
	);
}
