/* Cards - the five questions. Answer first, in a word with a shape; then the
 * numbers, each a link to the rows that it is made of. */
import { ago, percent, points, said, t } from '../lib/i18n.js';
import { isOurs, path, query } from '../lib/route.js';
import { Link } from './Link.jsx';
import { Mark } from './Mark.jsx';

const Card = ({ title, kind, answer, children }) => (
	<section class={`card card-${kind}`}>
		<h2>{title}</h2>
		<p class="answer"><Mark kind={kind} />{answer}</p>
		{children}
	</section>
);

/* A link of the server's, where it is one of this console. */
const To = ({ href, children }) => isOurs(href)
	? <Link to={href}>{children}</Link> : <span>{children}</span>;

const READY_KIND = { yes: 'good', no: 'warn', no_data: 'none', done: 'good' };

function Ready({ ready, domain }) {
	const done = ready.target === null;
	return (
		<Card kind={READY_KIND[ready.answer]}
			title={done ? t('ready.title_done')
				: t('ready.title', { target: ready.target })}
			answer={t(`ready.${ready.answer}`)}>
			{ready.blockers.length > 0 && <ul class="blockers">
				{ready.blockers.map((b) => <li key={b.code}>
					<To href={b.href}>{said('blocker', b)}</To></li>)}
			</ul>}
			{!done && <p class="quiet">{t('ready.refused', { ...ready.refused,
				target: ready.target, n: ready.days })}{' '}
				<Link to={path('d', domain, 'policy')}>{t('ready.rehearse')}</Link>
			</p>}
		</Card>
	);
}

function Failing({ failing, domain }) {
	const base = path('d', domain, 'senders');
	const kind = failing.mine > 0 ? 'bad' : failing.unknown > 0 ? 'unknown'
		: 'good';
	return (
		<Card kind={kind} title={t('failing.title')}
			answer={<To href={failing.href}>
				{t('failing.answer', { n: failing.senders })}</To>}>
			<ul class="facts">
				<li><Link to={base + '?class=mine_fail'}>
					{t('failing.mine', { n: failing.mine,
						messages: failing.messages_mine })}</Link></li>
				<li><Link to={base + '?class=unknown'}>
					{t('failing.unknown', { n: failing.unknown,
						messages: failing.messages_unknown })}</Link></li>
			</ul>
		</Card>
	);
}

/* A tenth of a point is noise; one point down is not. */
function changeKind(points) {
	if (points === null)
		return 'none';
	return points <= -1 ? 'bad' : points < -0.1 ? 'warn' : 'good';
}

function Change({ change, domain }) {
	const known = change.points !== null;
	const week = path('d', domain, 'senders') + '?days=7';
	return (
		<Card kind={changeKind(change.points)} title={t('change.title')}
			answer={known ? points(change.points) : t('change.no_data')}>
			<ul class="facts">
				{known && <li><Link to={week + '&class=mine_fail,unknown'}>
					{t('change.pass', { now: percent(change.pass_percent),
						before: percent(change.pass_percent_before) })}</Link></li>}
				<li><Link to={week + '&sort=-messages'}>{t('change.messages',
					{ now: change.messages, before: change.messages_before })}
				</Link></li>
				<li><a href="#changes">{t('change.events',
					{ n: change.events })}</a></li>
			</ul>
		</Card>
	);
}

const SPOOF_KIND = { yes: 'bad', refused: 'info', no: 'good', no_data: 'none' };

function Spoofing({ spoofing: s, domain }) {
	const d = s.disposition;
	return (
		<Card kind={SPOOF_KIND[s.answer]} title={t('spoofing.title')}
			answer={t(`spoofing.${s.answer}`)}>
			{s.messages > 0 && <ul class="facts">
				<li><To href={s.href}>{t('spoofing.messages', { n: s.messages,
					days: s.days })}</To></li>
				{s.median !== null &&
					<li>{t('spoofing.median', { median: s.median })}</li>}
				<li>{t('spoofing.done', { none: d.none,
					quarantine: d.quarantine, reject: d.reject })}</li>
				{s.networks.slice(0, 2).map((n) => <li key={n.network}>
					<Link to={path('d', domain, 'senders') + query({ days: 7,
						group: 'ip', ip: n.network })}>
						{t('spoofing.network', { network: n.as_org ?? n.network,
							messages: n.messages })}</Link></li>)}
			</ul>}
		</Card>
	);
}

const REPORT_KIND = { ok: 'good', late: 'warn', silent: 'bad', new: 'info',
	none: 'bad' };

function Reports({ reports: r, domain }) {
	return (
		<Card kind={REPORT_KIND[r.answer]} title={t('arrive.title')}
			answer={t(`arrive.${r.answer}`)}>
			<ul class="facts">
				{r.percent !== null && <li><Link to={'/reporters?domain=' +
					encodeURIComponent(domain)}>
					{t('arrive.heard', { percent: percent(r.percent, 0),
						heard: r.heard, expected: r.expected })}</Link></li>}
				{r.newest && <li><Link to={'/reports?domain=' +
					encodeURIComponent(domain)}>
					{t('arrive.newest', { ago: ago(r.newest) })}</Link></li>}
				{r.answer === 'new' && r.published && <li>
					{t('arrive.published', { ago: ago(r.published) })}</li>}
				<li><Link to="/ingest">{t('arrive.errors',
					{ n: r.ingest_errors })}</Link></li>
			</ul>
		</Card>
	);
}

export function Cards({ overview: o }) {
	return (
		<div class="cards">
			<Ready ready={o.ready} domain={o.domain} />
			<Failing failing={o.failing} domain={o.domain} />
			<Change change={o.change} domain={o.domain} />
			<Spoofing spoofing={o.spoofing} domain={o.domain} />
			<Reports reports={o.reports} domain={o.domain} />
		</div>
	);
}
