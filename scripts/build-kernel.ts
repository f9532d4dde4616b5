/**
 * @file `npm run kernel`: compiles src/kernel/assembly with AssemblyScript. Four builds: with and without the relaxed
 * SIMD instructions, for shared memory and for a page that has none.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('../src/kernel/', import.meta.url));
const compiler = fileURLToPath(
	new URL('../node_modules/assemblyscript/bin/asc.js', import.meta.url),
);

/** The four builds by name. */
export const kernelBuilds = ['relaxed-threads', 'relaxed', 'plain-threads', 'plain'] as const;

/** Compiles one build; the same source gives the same bytes. */
export async function buildKernel(name: (typeof kernelBuilds)[number]): Promise<Uint8Array> {
	const place = await mkdtemp(join(os.tmpdir(), 'kernel-'));
	const file = join(place, 'kernel.wasm');
	const flags = [
		...['--outFile', file, '-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort='],
		...['--importMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
		...['--enable', 'threads', '--enable', 'bulk-memory', '--enable', 'simd'],
		...(name.startsWith('relaxed') ? ['--enable', 'relaxed-simd'] : []),
		...(name.endsWith('threads') ? ['--sharedMemory'] : []),
	];
	try {
		// The compiler's own module would bring its types of Array and the like into this project.
		const run = promisify(execFile);
		await run(process.execPath, [compiler, 'index.ts', ...flags], { cwd: `${folder}assembly` });
		return new Uint8Array(await readFile(file));
	} finally {
		await rm(place, { recursive: true });
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	await mkdir(`${folder}wasm`, { recursive: true });
	for (const name of kernelBuilds) {
		const bytes = await buildKernel(name);
		await writeFile(`${folder}wasm/${name}.wasm`, bytes);
		process.stdout.write(`${name}: ${bytes.length} bytes\n`);
	}
}
