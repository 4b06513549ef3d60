/* Domain - the five questions, each answered in a card that leads to its
 * evidence; the messages per day; what changed; who fails most. */
import { useData, useList } from '../lib/data.js';
import { day, number, said, t } from '../lib/i18n.js';
import { periodOf } from '../lib/period.js';
import { isOurs, path, query as queryOf } from '../lib/route.js';
import { may, useSession } from '../lib/session.js';
import { ClassBadge } from '../part/Badge.jsx';
import { Cards } from '../part/Cards.jsx';
import { Chart } from '../part/Chart.jsx';
import { DomainPage } from '../part/DomainHead.jsx';
import { Link } from '../part/Link.jsx';
import { Mark } from '../part/Mark.jsx';
import { Period } from '../part/Period.jsx';
import { PolicyLine } from '../part/PolicyLine.jsx';
import { Empty, Failure, Loading, Wait } from '../part/State.jsx';
import { Table } from '../part/Table.jsx';
import { Why } from '../part/Why.jsx';

function Changes({ domain, to }) {
	const list = useList(path('domains', domain, 'changes'), { to });
	return (
		<section class="panel" id="changes">
			<h2>{t('changes.title')}</h2>
			{!list.items && (list.problem
				? <Failure problem={list.problem} retry={list.reload} />
				: <Loading />)}
			{list.items?.length === 0 && <Empty>{t('changes.empty')}</Empty>}
			<ul class="feed">{list.items?.map((c, i) => (
				<li key={i}><Mark kind={c.severity} />
					<div>
						{isOurs(c.href) ? <Link to={c.href}>
							<ChangeText change={c} /></Link>
							: <ChangeText change={c} />}
						<div class="quiet">{day(c.day)}</div>
					</div>
				</li>))}
			</ul>
			{list.hasMore && <p class="more"><button type="button"
				disabled={list.busy} onClick={list.more}>{t('table.more')}</button>
			</p>}
		</section>
	);
}

const ChangeText = ({ change }) => said('change', { ...change,
	params: { sender: change.sender?.sender ?? '', ...change.params } });

function TopFailing({ domain, top, period }) {
	const columns = [
		{ key: 'sender', head: t('col.sender'), row: true, cell: (s) =>
			<Link to={path('d', domain, 'senders', String(s.id)) +
				queryOf(period)}><bdi>{s.sender}</bdi></Link> },
		{ key: 'class', head: t('col.class'),
			cell: (s) => <ClassBadge name={s.class} /> },
		{ key: 'failed', head: t('col.failed'), kind: 'number',
			cell: (s) => number(s.failed) },
		{ key: 'messages', head: t('col.of'), kind: 'number',
			cell: (s) => number(s.messages) },
		{ key: 'why', head: t('col.why'), cell: (s) => <Why why={s.why} /> },
	];
	return (
		<section class="panel">
			<h2>{t('top.title')}</h2>
			{top.length === 0 ? <Empty>{t('top.empty')}</Empty>
				: <Table caption={t('top.title')} hideCaption columns={columns}
					rows={top} rowKey={(s) => s.id} />}
			<p><Link to={path('d', domain, 'senders') + queryOf({ ...period,
				class: 'mine_fail,unknown' })}>{t('top.all')}</Link></p>
		</section>
	);
}

export default function Domain({ params, query }) {
	const { domain } = params;
	const editor = may(useSession(), 'editor');
	const period = periodOf(query);
	const span = { from: period.from, to: period.to };
	const overview = useData(path('domains', domain, 'overview'), span);
	const timeline = useData(path('domains', domain, 'timeline'), span);
	return (
		<DomainPage domain={domain} tab="overview" actions={<>
			<Period period={period} />
			{editor && <Link class="button" to={path('d', domain, 'policy')}>
				{t('policy.edit')}</Link>}
		</>}>
			<Wait on={overview}>{(o) => <>
				<PolicyLine policy={o.policy} />
				<Cards overview={o} />
			</>}</Wait>
			<Wait on={timeline}>{(data) =>
				<Chart timeline={data} domain={domain} />}</Wait>
			<div class="two">
				<Changes domain={domain} to={period.to} />
				{overview.data && <TopFailing domain={domain} period={span}
					top={overview.data.failing.top} />}
			</div>
		</DomainPage>
	);
}
