/* Chart - messages per day: all of them stacked, and below, on a scale of its
 * own, only what fails: a hundred failures are invisible beside a million that
 * pass. Lines mark changes of the record. Every bar leads to its senders. The
 * same numbers as a table are one button away. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { scaleBand, scaleLinear } from 'd3-scale';
import { go } from '../lib/history.js';
import { compact, day, list, number, shortDay, t } from '../lib/i18n.js';
import { path, query } from '../lib/route.js';
import { FAILING, LAYERS, dayTicks, everyDay, layers, objects, top }
	from '../lib/stack.js';
import { CLASS_KIND } from './Badge.jsx';
import { Link } from './Link.jsx';
import { Mark } from './Mark.jsx';
import { Table } from './Table.jsx';

const LEFT = 52, RIGHT = 8, MAIN = 170, STRIP = 64, GAP = 34, AXIS = 24;
const TOP = 20;
/* Room for the word beside a marker. */
const WORD = 130;

/* The width of an element, followed. */
function useWidth() {
	const ref = useRef(null);
	const [width, setWidth] = useState(0);
	useEffect(() => {
		const watch = new ResizeObserver(([e]) =>
			setWidth(Math.floor(e.contentRect.width)));
		watch.observe(ref.current);
		return () => watch.disconnect();
	}, []);
	return [ref, width];
}

/* Hatches: the same meaning as the colours. */
const Patterns = () => (
	<defs>
		<pattern id="hatch-bad" width="6" height="6"
			patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
			<rect class="fill-bad" width="6" height="6" />
			<path class="hatch" d="M0 0v6" />
		</pattern>
		<pattern id="hatch-unknown" width="5" height="5"
			patternUnits="userSpaceOnUse">
			<rect class="fill-unknown" width="5" height="5" />
			<circle class="dot" cx="2.5" cy="2.5" r="1" />
		</pattern>
	</defs>
);

function Bars({ data, names, x, y, at }) {
	return layers(data, names).map(({ name, bars }) => (
		<g key={name} class={`layer layer-${name}`}>
			{bars.map(({ low, high }, i) => high > low &&
				<rect key={i} x={x(data[i].day)} width={x.bandwidth()}
					y={at + y(high)} height={Math.max(0.5, y(low) - y(high))} />)}
		</g>
	));
}

function Scale({ y, at, height, width, count }) {
	return y.ticks(count).filter(Number.isInteger).map((n) => (
		<g key={n} class="scale">
			<line x1={LEFT} x2={width - RIGHT} y1={at + y(n)} y2={at + y(n)} />
			<text x={LEFT - 6} y={at + y(n)} dy="0.32em">{compact(n)}</text>
		</g>
	));
}

/* Changes of the record, each with the line of its day. A word is left out
 * where it would lie upon that of the marker before. */
function Markers({ markers, x, height }) {
	const right = x.range()[1];
	let taken = -Infinity;
	return markers.filter((m) => x(m.day) !== undefined).map((m, i) => {
		const at = x(m.day) + x.bandwidth() / 2;
		const before = at > right - WORD;
		const shown = (before ? at - WORD : at) > taken;
		if (shown)
			taken = before ? at : at + WORD;
		return (
			<g key={i} class="marker">
				<title>{`${day(m.day)}: ${m.record ?? t('policy.absent')}`}</title>
				<line x1={at} x2={at} y1={TOP - 6} y2={height - AXIS} />
				<path d={`M${at - 5} ${TOP - 14}h10v7l-5 4l-5-4z`} />
				{shown && <text x={at} dx={before ? -8 : 8} y={TOP - 6}
					class={before ? 'before' : undefined}>
					{t('chart.marker', { what: list(m.changed) || m.p || '' })}
				</text>}
			</g>
		);
	});
}

function Days({ data, x, width, height }) {
	return dayTicks(data.length, width - LEFT).map((i) => {
		const at = x(data[i].day) + x.bandwidth() / 2;
		return <text key={i} class={at > width - 30 ? 'day before' : 'day'}
			y={height - 6} x={at > width - 30 ? width : at}>
			{shortDay(data[i].day)}</text>;
	});
}

/* Transparent columns over the bars: what a pointer finds, and says. */
function Columns({ data, x, height, domain }) {
	const open = (d) => go(path('d', domain, 'senders') +
		query({ from: d.day, to: d.day }));
	return data.map((d) => (
		<rect key={d.day} class="column" x={x(d.day)} width={x.step()} y={TOP}
			height={height - AXIS - TOP} onClick={() => open(d)}>
			<title>{[day(d.day), ...LAYERS.filter((n) => d[n] > 0).map((n) =>
				`${t(`class.${n}`)}: ${number(d[n])}`)].join('\n')}</title>
		</rect>
	));
}

function Drawing({ data, markers, width, domain }) {
	const height = TOP + MAIN + GAP + STRIP + AXIS;
	const x = scaleBand(data.map((d) => d.day), [LEFT, width - RIGHT])
		.paddingInner(data.length > width / 8 ? 0 : 0.18);
	const all = scaleLinear([0, top(data, LAYERS)], [MAIN, 0]).nice(4);
	const fail = scaleLinear([0, top(data, FAILING)], [STRIP, 0]).nice(2);
	const strip = TOP + MAIN + GAP;
	return (
		<svg class="chart" width={width} height={height} role="img"
			viewBox={`0 0 ${width} ${height}`} aria-label={t('chart.label')}>
			<Patterns />
			<Scale y={all} at={TOP} width={width} count={4} />
			<Bars data={data} names={LAYERS} x={x} y={all} at={TOP} />
			<text class="strip-title" x={LEFT} y={strip - 10}>
				{t('chart.failing')}</text>
			<Scale y={fail} at={strip} width={width} count={2} />
			<Bars data={data} names={FAILING} x={x} y={fail} at={strip} />
			<Markers markers={markers} x={x} height={height} />
			<Days data={data} x={x} width={width} height={height} />
			<Columns data={data} x={x} height={height} domain={domain} />
		</svg>
	);
}

const Legend = ({ names }) => (
	<ul class="legend">{names.map((n) => (
		<li key={n}><span class={`swatch swatch-${n}`} aria-hidden="true" />
			<Mark kind={CLASS_KIND[n]} />{t(`class.${n}`)}</li>))}
	</ul>
);

function Numbers({ data, domain }) {
	const columns = [{ key: 'day', head: t('col.day'), row: true,
		cell: (d) => <Link to={path('d', domain, 'senders') +
			query({ from: d.day, to: d.day })}>{day(d.day)}</Link> },
	{ key: 'messages', head: t('col.messages'), kind: 'number',
		cell: (d) => number(d.messages) },
	...LAYERS.map((n) => ({ key: n, head: t(`class.${n}`), kind: 'number',
		cell: (d) => number(d[n]) }))];
	return <Table caption={t('chart.label')} hideCaption columns={columns}
		rows={data.filter((d) => d.messages > 0).reverse()}
		rowKey={(d) => d.day} />;
}

export function Chart({ timeline, domain, heading }) {
	const [ref, width] = useWidth();
	const [table, setTable] = useState(false);
	const data = everyDay(objects(timeline), timeline.from, timeline.to);
	const shown = LAYERS.filter((n) => n !== 'undecided' ||
		data.some((d) => d.undecided > 0));
	return (
		<section class="panel">
			<div class="panel-head">
				<h2>{heading ?? t('chart.heading')}</h2>
				<Legend names={shown} />
				<button type="button" aria-pressed={table}
					onClick={() => setTable(!table)}>{t('chart.table')}</button>
			</div>
			<div ref={ref} class="chart-box">
				{table ? <Numbers data={data} domain={domain} /> : width > 0 &&
					<Drawing data={data} markers={timeline.markers ?? []}
						width={width} domain={domain} />}
			</div>
		</section>
	);
}
