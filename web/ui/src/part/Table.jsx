/* Table - a real table; below 640 px each row is a card, whose cells say their
 * column (data-label). Sorting is the server's: a click on a head asks for it.
 *
 * columns: [{key, head, cell(row), sort, kind: 'number' | 'date', row: true}]
 *   sort  name that the server sorts by; descending first for numbers
 *   row   this cell names the row (th scope=row) */
import { t } from '../lib/i18n.js';
import { Empty, Failure, Loading } from './State.jsx';

function Head({ column, sort, onSort }) {
	if (!column.sort || !onSort)
		return <th scope="col" class={column.kind}>{column.head}</th>;
	const down = sort === '-' + column.sort, up = sort === column.sort;
	const first = column.kind === 'number' ? '-' : '';
	const next = down ? column.sort : up ? '-' + column.sort
		: first + column.sort;
	const state = down ? 'descending' : up ? 'ascending' : 'none';
	return (
		<th scope="col" class={column.kind} aria-sort={state}>
			<button type="button" class="sort" onClick={() => onSort(next)}>
				{column.head}
				<span class="arrow" aria-hidden="true">
					{down ? '▼' : up ? '▲' : '↕'}</span>
			</button>
		</th>
	);
}

function Cell({ column, row }) {
	const value = column.cell(row);
	const props = { class: column.kind, 'data-label': column.head };
	return column.row ? <th scope="row" {...props}>{value}</th>
		: <td {...props}><span class="cell">{value}</span></td>;
}

export function Table({ caption, columns, rows, rowKey, sort, onSort, hideCaption }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={caption}>
			<table>
				<caption class={hideCaption ? 'hidden' : undefined}>{caption}</caption>
				<thead><tr>{columns.map((c) =>
					<Head key={c.key} column={c} sort={sort} onSort={onSort} />)}
				</tr></thead>
				<tbody>{rows.map((row, i) =>
					<tr key={rowKey ? rowKey(row) : i}>{columns.map((c) =>
						<Cell key={c.key} column={c} row={row} />)}</tr>)}
				</tbody>
			</table>
		</div>
	);
}

/* A list of the server (useList) as a table, with its states and the button
 * that fetches more. */
export function ListTable({ list, empty, ...table }) {
	if (!list.items)
		return list.problem ? <Failure problem={list.problem} retry={list.reload} />
			: <Loading />;
	if (list.items.length === 0 && !list.problem)
		return <Empty>{empty}</Empty>;
	return (
		<div class={list.loading ? 'stale' : undefined}>
			<Table rows={list.items} {...table} />
			{list.problem && <Failure problem={list.problem} retry={list.reload} />}
			{list.hasMore && <p class="more">
				<button type="button" disabled={list.busy} onClick={list.more}>
					{t('table.more')}</button>
			</p>}
		</div>
	);
}
