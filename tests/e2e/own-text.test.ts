/** @file Models, Chat and Teach in Chinese and Japanese, walked to the end: nothing sticks out, is cut, or is left in English. */
import { expect, test } from 'vitest';
import { flawsOf } from '../../scripts/screens/flaws.ts';
import { ownNames, ownTexts, tinyModel } from '../../scripts/screens/own-texts.ts';
import { walkOwnText } from '../../scripts/screens/own-text.ts';
import { laptop, phone } from '../../scripts/screens/screens.ts';
import { watch } from './site.ts';
import { useVisits } from './visits.ts';

const visits = useVisits();

test.each([
	['zh', laptop, 'light'],
	['ja', phone, 'dark'],
] as const)('in %s at %o, %s', { timeout: 600_000 }, async (locale, viewport, colorScheme) => {
	const context = await visits.newContext({
		...{ viewport, locale, colorScheme, reducedMotion: 'reduce' },
	});
	const page = await context.newPage();
	const seen = await watch(page);
	const flaws: string[] = [];
	const looked: string[] = [];
	const given = { ...ownTexts[locale], model: await tinyModel() };
	await walkOwnText(page, visits.url, given, async (name) => {
		looked.push(name);
		flaws.push(...(await flawsOf(page, false, ownNames)).map((flaw) => `${name}: ${flaw}`));
	});
	expect(looked.length).toBeGreaterThan(12);
	expect(flaws).toEqual([]);
	expect(seen.errors).toEqual([]);
});
