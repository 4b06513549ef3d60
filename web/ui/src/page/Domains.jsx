/* Domains - the first page: what needs a look on top, then every domain with
 * its policy and the next step, then domains that nobody registered. */
import { useState } from 'preact/hooks';
import { patch, post } from '../lib/api.js';
import { useAction, useList } from '../lib/data.js';
import { go, setQuery } from '../lib/history.js';
import { ago, number, percent, said, t } from '../lib/i18n.js';
import { path } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { Badge, PolicyBadge } from '../part/Badge.jsx';
import { Dialog } from '../part/Dialog.jsx';
import { Check, Field } from '../part/Field.jsx';
import { Link } from '../part/Link.jsx';
import { Mark } from '../part/Mark.jsx';
import { Page } from '../part/Page.jsx';
import { Search } from '../part/Search.jsx';
import { Spark } from '../part/Spark.jsx';
import { Failure } from '../part/State.jsx';
import { ListTable, Table } from '../part/Table.jsx';

const STEP_KIND = { yes: 'good', no: 'warn', no_data: 'none', done: 'good' };

export const NextStep = ({ step }) => (
	<Badge kind={STEP_KIND[step.answer]}>
		{t(`step.${step.answer}`, { target: step.target ?? '',
			n: step.blockers })}</Badge>
);

const sendersOf = (d, cls) =>
	path('d', d.domain, 'senders') + '?days=30&class=' + cls;

const columns = () => [
	{ key: 'domain', head: t('col.domain'), row: true, cell: (d) => <>
		<Link to={path('d', d.domain)}><bdi>{d.domain}</bdi></Link>
		{d.label && <span class="quiet"> {d.label}</span>}
		{d.parked && <> <Badge kind="none">{t('domain.parked')}</Badge></>}
		{d.policy.inherited_from && <div class="quiet">
			{t('policy.inherited', { from: d.policy.inherited_from })}</div>}
	</> },
	{ key: 'policy', head: t('col.policy'), cell: (d) =>
		<Link class="bare" to={path('d', d.domain, 'policy')}>
			<PolicyBadge p={d.policy.p} /></Link> },
	{ key: 'next', head: t('col.next'), cell: (d) =>
		<Link class="bare" to={path('d', d.domain)}>
			<NextStep step={d.next_step} /></Link> },
	{ key: 'pass', head: t('col.pass30'), kind: 'number', cell: (d) =>
		<span class="with-spark">{percent(d.pass_percent)}
			<Spark values={d.sparkline} /></span> },
	{ key: 'messages', head: t('col.messages30'), kind: 'number', cell: (d) =>
		<Link to={path('d', d.domain, 'senders') + '?days=30'}>
			{number(d.messages)}</Link> },
	{ key: 'mine', head: t('col.mine_fail'), kind: 'number', cell: (d) =>
		<Link to={sendersOf(d, 'mine_fail')}>{number(d.mine_fail)}</Link> },
	{ key: 'unknown', head: t('col.unknown'), kind: 'number', cell: (d) =>
		<Link to={sendersOf(d, 'unknown')}>{number(d.unknown)}</Link> },
	{ key: 'last', head: t('col.last_report'), kind: 'date', cell: (d) => d.last_report
		? <Link to={'/reports?domain=' + encodeURIComponent(d.domain)}>
			<time dateTime={d.last_report}>{ago(d.last_report)}</time></Link>
		: t('none') },
];

function Problems({ domains }) {
	const bad = domains.filter((d) => d.problem);
	if (bad.length === 0)
		return null;
	return (
		<ul class="notices">{bad.map((d) => (
			<li key={d.domain}><Mark kind="warn" />
				<strong><bdi>{d.domain}</bdi></strong>
				<span>{said('trouble', d.problem)}</span>
				<Link to={path('d', d.domain, 'dns')}>{t('domains.why')}</Link>
			</li>))}
		</ul>
	);
}

function Register({ name: asked, close, done }) {
	const [name, setName] = useState(asked);
	const [parked, setParked] = useState(false);
	const { busy, problem, run } = useAction();
	const submit = async (e) => {
		e.preventDefault();
		const made = await run(() => post('/domains', { name: name.trim(),
			parked }));
		if (made)
			done(made.data.domain);
	};
	return (
		<Dialog title={t('register.title')} onClose={close}>
			<form onSubmit={submit}>
				<p>{t('register.text')}</p>
				<Field label={t('col.domain')} required value={name}
					autocapitalize="none" spellcheck={false}
					placeholder="example.com"
					onInput={(e) => setName(e.target.value)} />
				<Check label={t('register.parked')} hint={t('register.parked_hint')}
					checked={parked}
					onChange={(e) => setParked(e.target.checked)} />
				{problem && <Failure problem={problem} />}
				<div class="buttons">
					<button type="button" onClick={close}>{t('cancel')}</button>
					<button type="submit" class="primary" disabled={busy}>
						{t('register.go')}</button>
				</div>
			</form>
		</Dialog>
	);
}

function Unregistered({ register, editor }) {
	const list = useList('/domains/unregistered');
	const { problem, run } = useAction();
	const ignore = async (d) => {
		if (await run(() => patch('/domains/unregistered/' +
			encodeURIComponent(d.domain), { ignored: true })))
			list.reload();
	};
	if (!list.items?.length)
		return null;
	const columns = [
		{ key: 'domain', head: t('col.domain'), row: true,
			cell: (d) => <bdi>{d.domain}</bdi> },
		{ key: 'reports', head: t('col.reports'), kind: 'number', cell: (d) =>
			<Link to={'/reports?domain=' + encodeURIComponent(d.domain)}>
				{number(d.reports)}</Link> },
		{ key: 'messages', head: t('col.messages'), kind: 'number',
			cell: (d) => number(d.messages) },
		{ key: 'last', head: t('col.last_report'), kind: 'date',
			cell: (d) => d.last_report ? ago(d.last_report) : t('none') },
	];
	if (editor)
		columns.push({ key: 'do', head: t('col.do'), cell: (d) => <>
			<button type="button" aria-label={t('register.one',
				{ domain: d.domain })} onClick={() => register(d.domain)}>
				{t('register.go')}</button> {' '}
			<button type="button" aria-label={t('register.ignore_one',
				{ domain: d.domain })} onClick={() => ignore(d)}>
				{t('register.ignore')}</button></> });
	return (
		<section class="panel">
			<h2>{t('unregistered.title')}</h2>
			<p class="quiet">{t('unregistered.text', { n: list.items.length })}</p>
			{problem && <Failure problem={problem} />}
			<Table caption={t('unregistered.title')} hideCaption
				columns={columns} rows={list.items} rowKey={(d) => d.domain} />
			{list.hasMore && <p class="more"><button type="button"
				onClick={list.more}>{t('table.more')}</button></p>}
		</section>
	);
}

export default function Domains({ query }) {
	const editor = may(useSession(), 'editor');
	const [naming, setNaming] = useState(null);
	const list = useList('/domains', { q: query.q, sort: query.sort });
	return (
		<Page title={t('nav.domains')} actions={<>
			<Search value={query.q} label={t('domains.filter')} />
			{editor && <button type="button" class="primary"
				onClick={() => setNaming('')}>{t('register.open')}</button>}
		</>}>
			{list.items && <Problems domains={list.items} />}
			<ListTable list={list} caption={t('nav.domains')} hideCaption
				columns={columns()} rowKey={(d) => d.domain}
				sort={query.sort} onSort={(sort) => setQuery({ sort })}
				empty={query.q ? t('domains.no_match') : t('domains.empty')} />
			<Unregistered editor={editor} register={setNaming} />
			{naming !== null && <Register name={naming}
				close={() => setNaming(null)}
				done={(d) => go(path('d', d, 'policy'))} />}
		</Page>
	);
}
