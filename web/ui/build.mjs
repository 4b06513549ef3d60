/* build.mjs - makes dist/ of src/: bundled, minified, names with a hash,
 * compressed once here so that the server never does it.
 *
 *   node build.mjs [--out DIR]
 *
 * Ends with status 1 when a file is larger than its budget: who opens the
 * console on a phone pays for every kilobyte. */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const outArg = process.argv.indexOf('--out');
const out = outArg > 0 ? path.resolve(process.argv[outArg + 1])
	: path.join(here, 'dist');

/* Bytes after gzip. "app" is all that the first page needs before its own
 * code: the entry and what it imports statically. */
const BUDGET = { app: 40960, css: 8192, html: 1536, chunk: 20480 };

async function bundle() {
	const result = await esbuild.build({
		absWorkingDir: here,
		entryPoints: { app: 'src/main.jsx', style: 'src/app.css' },
		outdir: path.join(out, 'assets'),
		bundle: true,
		splitting: true,
		minify: true,
		format: 'esm',
		target: ['chrome100', 'firefox100', 'safari15.4'],
		jsx: 'automatic',
		jsxImportSource: 'preact',
		entryNames: '[name]-[hash]',
		chunkNames: '[name]-[hash]',
		assetNames: '[name]-[hash]',
		loader: { '.svg': 'file' },
		legalComments: 'none',
		metafile: true,
		logLevel: 'warning',
	});
	return result.metafile;
}

/* The name that an entry point was given, below dist/. */
function built(meta, entry) {
	const found = Object.entries(meta.outputs)
		.find(([, o]) => o.entryPoint === entry);
	return path.relative(out, path.resolve(here, found[0]));
}

/* An output and all that it imports statically. */
function closure(meta, name, seen = new Set()) {
	if (seen.has(name))
		return seen;
	seen.add(name);
	for (const i of meta.outputs[name].imports)
		if (i.kind === 'import-statement')
			closure(meta, i.path, seen);
	return seen;
}

async function copyIcon() {
	const data = await fs.readFile(path.join(here, 'src/icon.svg'));
	const hash = createHash('sha256').update(data).digest('hex').slice(0, 8);
	const name = `assets/icon-${hash}.svg`;
	await fs.writeFile(path.join(out, name), data);
	return name;
}

/* The licences of what is bundled ask to be handed on with it. */
async function writeLicences(meta) {
	const packages = new Set();
	for (const input of Object.keys(meta.inputs)) {
		const m = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
		if (m)
			packages.add(m[1]);
	}
	let text = '';
	for (const name of [...packages].sort()) {
		const dir = path.join(here, 'node_modules', name);
		const about = JSON.parse(
			await fs.readFile(path.join(dir, 'package.json'), 'utf8'));
		const file = (await fs.readdir(dir)).find((f) => /^licen[cs]e/i.test(f));
		const body = file ? await fs.readFile(path.join(dir, file), 'utf8') : '';
		text += `${name} ${about.version}: ${about.license}\n\n${body}\n\n`;
	}
	await fs.writeFile(path.join(out, 'assets/licenses.txt'), text);
}

async function writeIndex(meta, icon) {
	let html = await fs.readFile(path.join(here, 'src/index.html'), 'utf8');
	html = html.replace('@APP@', '/' + built(meta, 'src/main.jsx'))
		.replace('@CSS@', '/' + built(meta, 'src/app.css'))
		.replace('@ICON@', '/' + icon);
	await fs.writeFile(path.join(out, 'index.html'), html);
}

async function listFiles() {
	const assets = await fs.readdir(path.join(out, 'assets'));
	return ['index.html', ...assets.sort().map((n) => 'assets/' + n)]
		.filter((n) => !/\.(br|gz)$/.test(n));
}

/* A file, compressed beside it, and what it weighs. */
async function compress(name) {
	const data = await fs.readFile(path.join(out, name));
	const gz = gzipSync(data, { level: 9 });
	const br = brotliCompressSync(data, { params: {
		[constants.BROTLI_PARAM_QUALITY]: 11,
		[constants.BROTLI_PARAM_SIZE_HINT]: data.length,
	} });
	await fs.writeFile(path.join(out, name + '.gz'), gz);
	await fs.writeFile(path.join(out, name + '.br'), br);
	return { file: name, bytes: data.length, gzip: gz.length,
		brotli: br.length };
}

/* Written last: make takes it as the sign that all is there. */
async function writeList(files) {
	await fs.writeFile(path.join(out, 'manifest.json'),
		JSON.stringify(files, null, 1) + '\n');
}

function checkBudget(meta, files) {
	const gzip = (name) => files.find((f) =>
		f.file === path.relative(out, path.resolve(here, name)))?.gzip ?? 0;
	const first = Object.keys(meta.outputs)
		.find((n) => meta.outputs[n].entryPoint === 'src/main.jsx');
	const app = [...closure(meta, first)];
	const rows = [
		['app', app.reduce((sum, n) => sum + gzip(n), 0), BUDGET.app],
		['html', files[0].gzip, BUDGET.html],
	];
	for (const f of files) {
		if (f.file.endsWith('.css'))
			rows.push(['css', f.gzip, BUDGET.css]);
		else if (f.file.endsWith('.js') && !app.some((n) =>
			path.resolve(here, n) === path.join(out, f.file)))
			rows.push([f.file, f.gzip, BUDGET.chunk]);
	}
	let over = 0;
	for (const [name, bytes, budget] of rows) {
		const bad = bytes > budget;
		over += bad;
		console.log(`${bad ? 'OVER' : 'ok  '} ${String(bytes).padStart(6)} of ` +
			`${String(budget).padStart(6)} B gzip  ${name}`);
	}
	return over === 0;
}

await fs.rm(out, { recursive: true, force: true });
await fs.mkdir(path.join(out, 'assets'), { recursive: true });
const meta = await bundle();
await writeIndex(meta, await copyIcon());
await writeLicences(meta);
const files = await Promise.all((await listFiles()).map(compress));
await writeList(files);
process.exitCode = checkBudget(meta, files) ? 0 : 1;
