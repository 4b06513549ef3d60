/* api.js - the JSON API: requests, problems (RFC 9457), the two answers that
 * are not an error but a question (log in; say your password again). */
import { query } from './route.js';

const BASE = '/api/v1';

/* What went wrong, as the server says it. `code` is the key of its text. */
export class Problem extends Error {
	constructor(body) {
		super(body.detail ?? body.title ?? body.code);
		Object.assign(this, { errors: [], params: {} }, body);
	}
}

const ask = { login: () => {}, stepUp: async () => false };

/* The shell says what to do when the session is over, and how to ask for the
 * password: stepUp() resolves to true when it was given. */
export const onLoginRequired = (f) => { ask.login = f; };
export const onStepUp = (f) => { ask.stepUp = f; };

async function problemOf(response) {
	let body = {};
	try {
		body = await response.json();
	} catch {
		/* A proxy's page, or nothing: the status has to do. */
	}
	return new Problem({ code: `http_${response.status}`, ...body,
		status: response.status,
		retryAfter: Number(response.headers.get('Retry-After')) || null });
}

async function send(method, url, { body, etag, type, signal } = {}) {
	const headers = { Accept: 'application/json' };
	if (body !== undefined)
		headers['Content-Type'] = type ?? 'application/json';
	if (etag)
		headers['If-Match'] = etag;
	try {
		return await fetch(url, { method, headers, signal,
			credentials: 'same-origin',
			body: body === undefined || body instanceof Blob ? body
				: JSON.stringify(body) });
	} catch (e) {
		if (e.name === 'AbortError')
			throw e;
		throw new Problem({ code: 'offline', status: 0 });
	}
}

/* {data, etag}; throws a Problem. */
export async function request(method, path, options = {}) {
	const url = BASE + path + query(options.query ?? {});
	let response = await send(method, url, options);
	if (response.status === 403) {
		const problem = await problemOf(response);
		if (problem.code !== 'step_up_required' || !await ask.stepUp())
			throw problem;
		response = await send(method, url, options);
	}
	if (!response.ok) {
		const problem = await problemOf(response);
		if (response.status === 401 && !options.quiet)
			ask.login(problem);
		throw problem;
	}
	const text = await response.text();
	return { data: text === '' ? null : JSON.parse(text),
		etag: response.headers.get('ETag'), status: response.status };
}

export const get = (path, query, options) =>
	request('GET', path, { query, ...options });
export const post = (path, body, options) =>
	request('POST', path, { body, ...options });
export const patch = (path, body, etag) =>
	request('PATCH', path, { body, etag });
export const put = (path, body) => request('PUT', path, { body });
export const del = (path, body, etag) =>
	request('DELETE', path, { body, etag });

/* The address of something to download. */
export const fileUrl = (path, values = {}) => BASE + path + query(values);
