/** @file Find a Chromium for the tests; install one where that is allowed, else say which command to run. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const elsewhere = [
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** Flags that give the same browser everywhere: no network of its own, WebGPU on the software adapter. */
export const chromiumArguments: readonly string[] = [
	'--no-sandbox',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--enable-unsafe-webgpu',
	'--use-webgpu-adapter=swiftshader',
];

/** The sentence a person reads when there is no browser and none could be installed. */
export const remedy =
	'No Chromium was found: run `npx playwright install --with-deps chromium`, or set CHROME_PATH to one.';

/** The path of a Chromium that is already here: CHROME_PATH, then an installed one, then Playwright's. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
	const { CHROME_PATH: chosen, PATH: searchPath = '' } = environment;
	if (chosen !== undefined && chosen !== '') {
		if (runnable(chosen)) return chosen;
		throw new Error(`CHROME_PATH is set to ${chosen}, which cannot be run: correct or unset it.`);
	}
	const onPath = searchPath
		.split(delimiter)
		.filter((folder) => folder !== '')
		.flatMap((folder) => names.map((name) => join(folder, name)));
	return [...onPath, ...elsewhere, chromium.executablePath()].find(runnable) ?? null;
}

/** Find a Chromium or install one: Playwright's first, then Debian's package. */
export function ensureChromium(): string {
	const found = findChromium();
	if (found !== null) return found;
	const attempts: readonly (readonly [string, readonly string[]])[][] = [
		[['npx', ['playwright', 'install', '--with-deps', 'chromium']]],
		[['npx', ['playwright', 'install', 'chromium']]],
		[
			['apt-get', ['update', '-qq']],
			['apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']],
		],
	];
	for (const commands of attempts) {
		if (!commands.every(([command, flags]) => succeeds(command, flags))) continue;
		const installed = findChromium();
		if (installed !== null) return installed;
	}
	throw new Error(remedy);
}

function runnable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

function succeeds(command: string, flags: readonly string[]): boolean {
	console.log(`no Chromium yet; trying: ${command} ${flags.join(' ')}`);
	try {
		execFileSync(command, flags, {
			stdio: ['ignore', 'ignore', 'ignore'],
			timeout: 300_000,
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
			shell: process.platform === 'win32',
		});
		return true;
	} catch {
		return false;
	}
}
