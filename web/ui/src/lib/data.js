/* data.js - hooks that fetch. Each gives {data, problem, loading, reload}. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './api.js';

/* One resource; fetched again when path or query change. The old data stays
 * until the new is there, so that a filter does not make the page jump. */
export function useData(path, query = {}) {
	const [state, setState] = useState({ loading: true });
	const [turn, setTurn] = useState(0);
	const key = path === null ? null : path + JSON.stringify(query);
	useEffect(() => {
		if (path === null)
			return undefined;
		const stop = new AbortController();
		setState((s) => ({ ...s, loading: true, problem: null }));
		get(path, query, { signal: stop.signal }).then(
			({ data, etag }) => setState({ data, etag, loading: false }),
			(problem) => problem.name === 'AbortError' ||
				setState((s) => ({ ...s, problem, loading: false })));
		return () => stop.abort();
	}, [key, turn]);
	const reload = useCallback(() => setTurn((n) => n + 1), []);
	return { ...state, reload };
}

/* A list in pages: {items, more(), hasMore, ...}. */
export function useList(path, query = {}) {
	const key = path + JSON.stringify(query);
	const first = useData(path, query);
	const [rest, setRest] = useState({ items: [], busy: false });
	const shown = useRef(key);
	useEffect(() => {
		shown.current = key;
		setRest({ items: [], busy: false });
	}, [key, first.data]);
	const next = rest.next === undefined ? first.data?.next : rest.next;
	const more = async () => {
		setRest((r) => ({ ...r, busy: true }));
		try {
			const { data } = await get(path, { ...query, after: next });
			if (shown.current === key)
				setRest((r) => ({ items: [...r.items, ...data.items],
					next: data.next, busy: false }));
		} catch (problem) {
			setRest((r) => ({ ...r, busy: false, problem }));
		}
	};
	return { ...first, items: first.data && [...first.data.items,
		...rest.items], more, hasMore: Boolean(next), busy: rest.busy,
		problem: first.problem ?? rest.problem };
}

/* A button's work: run(f) gives its result, or null and a problem to show. */
export function useAction() {
	const [state, setState] = useState({ busy: false, problem: null });
	const run = async (work) => {
		setState({ busy: true, problem: null });
		try {
			const value = await work();
			setState({ busy: false, problem: null });
			return value ?? true;
		} catch (problem) {
			setState({ busy: false, problem });
			return null;
		}
	};
	return { ...state, run };
}
