/**
 * @file `npm run screens`: every screen of `screens/screens.ts` and the walk of `screens/own-text.ts` in three languages, at a
 * laptop's and a telephone's size, light and dark, drawn into a folder; and what is wrong with each, line by line. It takes
 * the page as it was built.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { preview } from 'vite';
import { chromiumArguments, ensureChromium } from './chromium.ts';
import { flawsOf } from './screens/flaws.ts';
import { ownNames, ownTexts, tinyModel } from './screens/own-texts.ts';
import { walkOwnText } from './screens/own-text.ts';
import { laptop, phone, screens, show } from './screens/screens.ts';

const { values } = parseArgs({
	options: {
		out: { type: 'string', default: '.cache/screens' },
		/** Only screens whose file name holds it; `own-text-zh-light-phone` is one walk through Models, Chat and Teach. */
		only: { type: 'string', default: '' },
	},
});
const root = fileURLToPath(new URL('../', import.meta.url));
const server = await preview({ root, preview: { port: 4410 }, logLevel: 'warn' });
const url = server.resolvedUrls?.local[0] ?? 'http://localhost:4410/';
const browser = await chromium.launch({
	executablePath: ensureChromium(),
	args: [...chromiumArguments],
});
mkdirSync(values.out, { recursive: true });
let flawed = 0;
try {
	for (const locale of ['en', 'zh', 'ja'] as const)
		for (const colorScheme of ['light', 'dark'] as const)
			for (const [device, viewport] of Object.entries({ laptop, phone })) {
				const here = screens
					.filter(({ size }) => device === 'laptop' || size === undefined)
					.map((screen) => ({
						screen,
						file: [screen.name, locale, colorScheme, device].join('-'),
					}))
					.filter(({ file }) => file.includes(values.only));
				const walks = ['own-text', locale, colorScheme, device].join('-').includes(values.only);
				if (here.length === 0 && !walks) continue;
				const context = await browser.newContext({
					...{ viewport, locale, colorScheme, reducedMotion: 'reduce' },
				});
				const page = await context.newPage();
				const look = async (file: string, fullPage = true): Promise<void> => {
					const flaws = await flawsOf(page, locale === 'en', ownNames);
					flawed += flaws.length;
					for (const flaw of flaws) console.log(`${file}: ${flaw}`);
					await page.screenshot({ path: join(values.out, `${file}.png`), fullPage });
				};
				for (const { screen, file } of here) {
					await page.setViewportSize(screen.size ?? viewport);
					await show(page, url, screen);
					await look(file, !screen.size);
				}
				if (walks) {
					await page.setViewportSize(viewport);
					const given = { ...ownTexts[locale], model: await tinyModel() };
					await walkOwnText(page, url, given, (name) =>
						look([name, locale, colorScheme, device].join('-')),
					);
				}
				await context.close();
			}
} finally {
	await browser.close();
	await server.close();
}
console.log(`${flawed} flaws`);
