/**
 * @file `npm run screenshot`: build the page, let its recorded run play, and make the moving picture of README and About and the
 * still that stands for it; `EVOLVARIUM_BUILT=yes` takes `dist/` as it is.
 *
 * With `--live` it presses Evolve and takes one picture after that many seconds into `--out`: a run of this machine.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { chromiumArguments, ensureChromium } from './chromium.ts';
import { moving, shown } from './screens/moving.ts';

const { values } = parseArgs({
	options: {
		out: { type: 'string', default: '.cache/live.png' },
		dark: { type: 'boolean', default: false },
		live: { type: 'string' },
	},
});

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = join(root, 'public/demo');
if (process.env['EVOLVARIUM_BUILT'] !== 'yes') {
	const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
	const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
		cwd: root,
		stdio: 'inherit',
	});
	if (built.status !== 0) throw new Error('The page could not be built: see above.');
}

const server = await preview({ root, preview: { port: 4400 }, logLevel: 'warn' });
const browser = await chromium.launch({
	executablePath: ensureChromium(),
	args: [...chromiumArguments],
});
try {
	const page = await browser.newPage({
		viewport: shown,
		locale: 'en',
		colorScheme: values.dark ? 'dark' : 'light',
	});
	await page.goto(server.resolvedUrls?.local[0] ?? 'http://localhost:4400/');
	await page.locator('.accuracy .map').waitFor();
	if (values.live !== undefined) {
		await page.getByRole('button', { name: 'Evolve', exact: true }).click();
		await page.waitForTimeout(1000 * Number(values.live));
		await page.screenshot({ path: values.out });
		console.log(values.out);
	} else {
		const made = await moving(page);
		mkdirSync(folder, { recursive: true });
		for (const [name, bytes] of Object.entries(made)) {
			writeFileSync(join(folder, `${name}.webp`), bytes);
			console.log(`public/demo/${name}.webp: ${Math.round(bytes.length / 1000)} kB`);
		}
	}
} finally {
	await browser.close();
	await server.close();
}
