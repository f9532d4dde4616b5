/**
 * @file `npm test`: find a browser, run every test project, and close with one line of counts.
 *
 * Anything after `--` goes to Vitest: `npm test -- --project node tests/graph`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.ts';

interface Counts {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

const given = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'evolvarium-test-'));
const report = join(folder, 'report.json');

const { browser, missing } = lookForBrowser();
if (missing !== null) console.error(missing);
const code = await vitest([
	'run',
	...(browser === null ? ['--project', 'node'] : []),
	'--reporter=default',
	'--reporter=json',
	`--outputFile.json=${report}`,
	...given,
]);
const counts = await read(report);
await rm(folder, { recursive: true, force: true });

// a browser that is missing, a file that cannot be loaded and a stray rejection are failures too
const unseen = missing !== null || (code !== 0 && counts.failed === 0) ? 1 : 0;
const failed = counts.failed + unseen;
if (missing !== null) console.error(missing);
const skipped = counts.skipped > 0 ? `, ${String(counts.skipped)} skipped` : '';
console.log(`${String(counts.passed)} passed, ${String(failed)} failed${skipped}`);
process.exitCode = failed > 0 || counts.passed === 0 ? 1 : 0;

function lookForBrowser(): { browser: string | null; missing: string | null } {
	try {
		return { browser: ensureChromium(), missing: null };
	} catch (error) {
		return { browser: null, missing: error instanceof Error ? error.message : String(error) };
	}
}

function vitest(flags: readonly string[]): Promise<number> {
	const program = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
	const child = spawn(process.execPath, [program, ...flags], {
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, ...(browser === null ? {} : { CHROME_PATH: browser }) },
	});
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (status) => {
			resolve(status ?? 1);
		});
	});
}

async function read(path: string): Promise<Counts> {
	let parsed: unknown;
	try {
		parsed = JSON.parse(await readFile(path, 'utf8'));
	} catch {
		return { passed: 0, failed: 0, skipped: 0 }; // Vitest ended before it could report
	}
	const count = (name: string): number => {
		const value: unknown =
			typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
		return typeof value === 'number' ? value : 0;
	};
	return {
		passed: count('numPassedTests'),
		failed: count('numFailedTests'),
		skipped: count('numPendingTests') + count('numTodoTests'),
	};
}
