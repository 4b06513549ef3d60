/* State - what stands where data would: it loads, it failed, there is none. */
import { has, t } from '../lib/i18n.js';
import { Mark } from './Mark.jsx';

export const Loading = () =>
	<p class="state" role="status"><span class="spinner" aria-hidden="true" />
		{t('state.loading')}</p>;

/* Problems whose detail says more than our text: where a file cannot be read,
 * what is still in use. It is English. */
const DETAILED = ['bad_request', 'in_use', 'unreadable'];

/* Cause and what to do. The server's own words where we have none. */
export function Failure({ problem, retry }) {
	const key = `problem.${problem.code}`;
	return (
		<div class="state state-bad" role="alert">
			<Mark kind="bad" />
			<div>
				<p>{has(key) ? t(key, { retryAfter: problem.retryAfter ?? 0 })
					: problem.message}</p>
				{has(key) && DETAILED.includes(problem.code) &&
					problem.detail && !problem.errors?.length &&
					<p class="quiet"><bdi>{problem.detail}</bdi></p>}
				{problem.errors?.map((e, i) =>
					<p key={i} class="quiet">{e.pointer} {errorText(e)}</p>)}
				{problem.instance &&
					<p class="quiet">{t('problem.instance',
						{ id: problem.instance })}</p>}
				{retry && <button type="button" onClick={retry}>
					{t('state.retry')}</button>}
			</div>
		</div>
	);
}

export function errorText(e) {
	const key = `error.${e.code}`;
	return has(key) ? t(key, e.params ?? {}) : e.detail ?? e.code;
}

export const Empty = ({ children }) =>
	<p class="state"><Mark kind="info" />{children}</p>;

/* The three in one: <Wait on={data}>{(value) => …}</Wait>. */
export function Wait({ on, children }) {
	if (on.data !== undefined && on.data !== null && !on.problem)
		return <div class={on.loading ? 'stale' : undefined}
			aria-busy={on.loading ? 'true' : undefined}>{children(on.data)}</div>;
	if (on.problem)
		return <Failure problem={on.problem} retry={on.reload} />;
	return <Loading />;
}
