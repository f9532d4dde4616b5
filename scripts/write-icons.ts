/** @file `npm run icons`: draws `public/icons/` from `public/icon.svg` with the tests' Chromium. */
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { chromiumArguments, ensureChromium } from './chromium.ts';

const folder = fileURLToPath(new URL('../public/icons/', import.meta.url));
const picture = readFileSync(new URL('../public/icon.svg', import.meta.url), 'utf8');

/** Size in pixels, the share of it that the picture fills, and whether paper lies behind. */
const icons = [
	{ name: '192', size: 192, share: 0.86, paper: false },
	{ name: '512', size: 512, share: 0.86, paper: false },
	// A system may cut this one to a circle of 80 % of its width.
	{ name: 'maskable', size: 512, share: 0.56, paper: true },
];

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
	executablePath: ensureChromium(),
	args: [...chromiumArguments],
});
for (const { name, size, share, paper } of icons) {
	const page = await browser.newPage({ viewport: { width: size, height: size } });
	await page.setContent(
		`<style>body { margin: 0; height: 100vh; display: grid; place-items: center; background: ${paper ? '#f7f5f0' : 'transparent'} }
		svg { width: ${share * 100}vw }</style>${picture}`,
	);
	await page.screenshot({ path: `${folder}${name}.png`, omitBackground: !paper });
	await page.close();
}
await browser.close();
