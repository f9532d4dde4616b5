/**
 * @file `npm run screenshot`: build the page, let it play, and take the picture in the README.
 *
 * With `--live` it presses Evolve first and takes the picture after that many seconds: a run of this machine.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { chromiumArguments, ensureChromium } from './chromium.ts';

const { values } = parseArgs({
	options: {
		out: { type: 'string', default: 'docs/picture.png' },
		width: { type: 'string', default: '1280' },
		height: { type: 'string', default: '960' },
		dark: { type: 'boolean', default: false },
		live: { type: 'string' },
		wait: { type: 'string', default: '8' },
	},
});

const root = fileURLToPath(new URL('../', import.meta.url));
const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
	cwd: root,
	stdio: 'inherit',
});
if (built.status !== 0) throw new Error('The page could not be built: see above.');

const server = await preview({ root, preview: { port: 4400 }, logLevel: 'warn' });
const browser = await chromium.launch({
	executablePath: ensureChromium(),
	args: [...chromiumArguments],
});
try {
	const page = await browser.newPage({
		viewport: { width: Number(values.width), height: Number(values.height) },
		deviceScaleFactor: 2,
		colorScheme: values.dark ? 'dark' : 'light',
	});
	await page.goto(server.resolvedUrls?.local[0] ?? 'http://localhost:4400/');
	await page.locator('h1').first().waitFor();
	if (values.live !== undefined)
		await page.getByRole('button', { name: 'Evolve', exact: true }).click();
	await page.waitForTimeout(1000 * Number(values.live ?? values.wait));
	await page.screenshot({ path: values.out });
	console.log(values.out);
} finally {
	await browser.close();
	await server.close();
}
