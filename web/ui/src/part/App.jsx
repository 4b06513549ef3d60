/* App - session, route, page. Each page's code is loaded when it is opened. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, onLoginRequired, onStepUp } from '../lib/api.js';
import { go, useLocation } from '../lib/history.js';
import { adopt } from '../lib/adopt.js';
import { isOurs, query } from '../lib/route.js';
import { Session } from '../lib/session.js';
import { Failure, Loading } from './State.jsx';
import { Shell } from './Shell.jsx';
import { StepUp } from './StepUp.jsx';

const PAGES = {
	domains: () => import('../page/Domains.jsx'),
	login: () => import('../page/Login.jsx'),
	second: () => import('../page/Second.jsx'),
	me: () => import('../page/Me.jsx'),
	domain: () => import('../page/Domain.jsx'),
	senders: () => import('../page/Senders.jsx'),
	sender: () => import('../page/Sender.jsx'),
	policy: () => import('../page/Policy.jsx'),
	dns: () => import('../page/Dns.jsx'),
	tallies: () => import('../page/Tallies.jsx'),
	manage: () => import('../page/Manage.jsx'),
	reports: () => import('../page/Reports.jsx'),
	report: () => import('../page/Report.jsx'),
	reporters: () => import('../page/Reporters.jsx'),
	ingest: () => import('../page/Ingest.jsx'),
	settings: () => import('../page/Settings.jsx'),
	missing: () => import('../page/Missing.jsx'),
};

/* Pages that are there without a login. */
const OPEN = ['login', 'second'];

/* The page's component, or what kept it from loading: after an upgrade the old
 * file names are gone, and loading the document anew finds the new ones. */
function usePage(name) {
	const [page, setPage] = useState({});
	useEffect(() => {
		let wanted = true;
		PAGES[name]().then(
			(module) => wanted && setPage({ name, View: module.default }),
			() => wanted && setPage({ name, problem: { code: 'page_load' } }));
		return () => { wanted = false; };
	}, [name]);
	return page.name === name ? page : {};
}

/* undefined: not known yet; null: nobody is logged in, or not all the way. */
function useLogin() {
	const [session, setSession] = useState(undefined);
	const [problem, setProblem] = useState(null);
	const refresh = useCallback(async () => {
		try {
			const { data } = await get('/session', {}, { quiet: true });
			setSession(data.state === 'ok' ? data : null);
			if (data.state === 'ok')
				await adopt(data);
			setProblem(null);
		} catch (p) {
			setSession(null);
			setProblem(p.status === 401 ? null : p);
		}
	}, []);
	useEffect(() => {
		onLoginRequired(() => setSession(null));
		refresh();
	}, []);
	return { session, problem, refresh };
}

function useStepUp() {
	const [answer, setAnswer] = useState(null);
	useEffect(() => onStepUp(() => new Promise((resolve) =>
		setAnswer(() => resolve))), []);
	return answer && <StepUp done={(given) => {
		setAnswer(null);
		answer(given);
	}} />;
}

/* Text that is on the page is drawn anew in another language. */
function useLanguageChange() {
	const [, setTurn] = useState(0);
	useEffect(() => {
		const changed = () => setTurn((n) => n + 1);
		window.addEventListener('ruad:language', changed);
		return () => window.removeEventListener('ruad:language', changed);
	}, []);
}

export function App() {
	useLanguageChange();
	const at = useLocation();
	const { session, problem, refresh } = useLogin();
	const dialog = useStepUp();
	const away = session === null && !OPEN.includes(at.name);
	useEffect(() => {
		if (away && !problem)
			go('/login' + query({ next: at.pathname === '/' ? null
				: at.pathname + window.location.search }), { replace: true });
	}, [away, problem]);
	const { View, problem: unloaded } = usePage(at.name);
	const entered = async () => {
		await refresh();
		go(isOurs(at.query.next) ? at.query.next : '/', { replace: true });
	};
	if (problem)
		return <Failure problem={problem} retry={refresh} />;
	if (unloaded)
		return <Failure problem={unloaded}
			retry={() => window.location.reload()} />;
	const wait = session === undefined || away || !View;
	return (
		<Session.Provider value={session ?? null}>
			<Shell at={at} refresh={refresh}>
				{wait ? <Loading /> : <View key={at.pathname} at={at}
					params={at.params} query={at.query} entered={entered}
					refresh={refresh} />}
			</Shell>
			{dialog}
		</Session.Provider>
	);
}
