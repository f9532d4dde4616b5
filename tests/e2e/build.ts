/** @file Build the site once, before the end-to-end tests; `EVOLVARIUM_BUILT=yes` takes `dist/` as it is. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));

/** Vitest calls this before the first end-to-end file. */
export default async function setup(): Promise<void> {
	if (process.env['EVOLVARIUM_BUILT'] === 'yes') return;
	// in a process of its own: Vitest's NODE_ENV would build a development page
	await promisify(execFile)(process.execPath, [program, 'build', '--logLevel', 'warn'], {
		env: { ...process.env, NODE_ENV: 'production', VITEST: '' },
	});
}
