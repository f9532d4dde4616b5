/**
 * @file `npm run kills -- --count N --seed S`: kills runs in a tab and in a terminal, N times in all, and compares their
 * ends with those of calm runs. The test behind it runs with fewer kills in `npm test`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

const whole = (text: string): number => {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 0) throw new Error(`"${text}" is no whole number.`);
	return value;
};
const { count, seed } = new Command('kills')
	.description('Kills runs at random moments, and compares their ends with those of calm runs.')
	.option('--count <number>', 'kills in all', whole, 100)
	.option('--seed <number>', 'of the moments', whole, 7)
	.parse()
	.opts<{ readonly count: number; readonly seed: number }>();

const program = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
spawn(process.execPath, [program, 'run', '--project', 'e2e', 'tests/e2e/kills.test.ts'], {
	stdio: 'inherit',
	env: {
		...process.env,
		EVOLVARIUM_KILLS: String(count),
		EVOLVARIUM_KILLS_SEED: String(seed),
	},
}).on('exit', (code) => {
	process.exitCode = code ?? 1;
});
