/* mock.mjs - a server that answers with the examples of openapi.json: for the
 * tests of states that a real store does not show at will. Sends the same
 * security headers as ruad-web.
 *
 *   const mock = await startMock({ dist, api, overrides });
 *   overrides: { 'GET /domains': (url) => ({ status, body, delay }) } */
import { promises as fs } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

export const CSP = "default-src 'none'; script-src 'self'; " +
	"style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; " +
	"base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css',
	'.js': 'text/javascript', '.svg': 'image/svg+xml', '.txt': 'text/plain' };

function fits(pattern, pathname) {
	const a = pattern.split('/'), b = pathname.split('/');
	return a.length === b.length &&
		a.every((p, i) => p.startsWith('{') || p === b[i]);
}

/* The example of a method and a path; those without parameters first. */
function example(api, method, pathname) {
	const patterns = Object.keys(api.paths)
		.sort((a, b) => a.split('{').length - b.split('{').length);
	for (const pattern of patterns) {
		const operation = api.paths[pattern][method.toLowerCase()];
		if (!operation || !fits(pattern, pathname))
			continue;
		const [status, response] = Object.entries(operation.responses)
			.find(([s]) => s.startsWith('2'));
		const content = response.content?.['application/json'];
		const body = content?.example ??
			Object.values(content?.examples ?? {})[0]?.value;
		return { status: Number(status), body };
	}
	return { status: 404, body: { code: 'not_found', status: 404,
		title: 'Not found' } };
}

async function file(dist, pathname) {
	const name = pathname.startsWith('/assets/') ? pathname : '/index.html';
	const data = await fs.readFile(path.join(dist, path.normalize(name)));
	return { data, type: TYPES[path.extname(name)] };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function answer({ dist, api, overrides }, request, response) {
	const url = new URL(request.url, 'http://localhost');
	response.setHeader('Content-Security-Policy', CSP);
	response.setHeader('X-Content-Type-Options', 'nosniff');
	if (!url.pathname.startsWith('/api/v1')) {
		const { data, type } = await file(dist, url.pathname);
		response.writeHead(200, { 'Content-Type': type }).end(data);
		return;
	}
	const pathname = url.pathname.slice('/api/v1'.length);
	const key = Object.keys(overrides).find((k) =>
		k.startsWith(request.method + ' ') && fits(k.split(' ')[1], pathname));
	const said = { status: 200, delay: 0, ...(key ? overrides[key](url)
		: example(api, request.method, pathname)) };
	await wait(said.delay);
	response.writeHead(said.status, { ETag: '"1"', 'Content-Type':
		said.status < 400 ? 'application/json' : 'application/problem+json' })
		.end(said.body === undefined ? '' : JSON.stringify(said.body));
}

export async function startMock({ dist, api, overrides = {} }) {
	const options = { dist, api, overrides };
	const server = http.createServer((request, response) =>
		answer(options, request, response).catch((e) => {
			response.writeHead(500).end(String(e));
		}));
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	return { url: `http://127.0.0.1:${server.address().port}`, options,
		stop: () => new Promise((done) => {
			server.closeAllConnections();
			server.close(done);
		}) };
}
