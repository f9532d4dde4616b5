/** @file The recorded demo as a moving picture: an animated WebP of twelve seconds, and its last frame. */
import type { Page } from 'playwright';
import sharp from 'sharp';
import { moveTo } from './screens.ts';

/** World down to the end of the dome. */
export const shown = { width: 1280, height: 1044 } as const;
const width = 800;
const frames = 48;
const frameMs = 200;
/** What came out is looked at longer. */
const lastMs = 2600;
/** For the dots to fly, and the bars to grow. */
const settleMs = 220;

export async function moving(
	page: Page,
): Promise<{ readonly moving: Buffer; readonly still: Buffer }> {
	await page.getByRole('button', { name: 'Hold' }).click();
	const taken: Buffer[] = [];
	for (let frame = 0; frame <= frames; frame++) {
		await moveTo(page, frame / frames);
		// The slider stops a moment short of the end.
		if (frame === frames) {
			await page.getByRole('button', { name: 'Play', exact: true }).click();
			await page.locator('#take-title').waitFor();
		}
		await page.waitForTimeout(settleMs);
		taken.push(
			await sharp(await page.screenshot())
				.resize({ width })
				.png()
				.toBuffer(),
		);
	}
	const last = taken.at(-1);
	if (!last) throw new Error('No frame was taken.');
	return {
		moving: await sharp(taken, { join: { animated: true } })
			.webp({
				quality: 62,
				effort: 6,
				loop: 0,
				delay: taken.map((one) => (one === last ? lastMs : frameMs)),
			})
			.toBuffer(),
		still: await sharp(last).webp({ quality: 80, effort: 6 }).toBuffer(),
	};
}
