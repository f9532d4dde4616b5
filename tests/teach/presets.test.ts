/** @file Presets: what a training is asked for unless a person turns it. */
import { describe, expect, it } from 'vitest';
import { paced, settingsOf, suitedSettings } from '#teach/presets.ts';

const counts = { training: 188, validation: 47, pairs: 0, byRule: 188 };

describe('the last layers with larger steps', () => {
	it('are taken for a few facts that would take long, and for nothing else', () => {
		const [short, long] = [
			suitedSettings('facts', counts),
			suitedSettings('facts', { ...counts, training: 700, byRule: 700 }),
		];
		expect([short.steps, short.topShare, short.learningRate]).toEqual([282, undefined, 1e-3]);
		expect([long.steps, long.topShare, long.learningRate]).toEqual([1050, 0.34, 1.5e-3]);
		expect(suitedSettings('style', { ...counts, training: 2000 }).topShare).toBeUndefined();
	});

	it('can be turned on and off without losing a rate that was turned', () => {
		const settings = { ...settingsOf('facts', 40), learningRate: 3e-4 };
		const fast = { ...settings, ...paced(settings, true) };
		expect(fast).toMatchObject({ topShare: 0.34, learningRate: 3e-4 * 1.5 });
		expect(paced(fast, true)).toEqual(paced(settings, true));
		expect(paced(fast, false)).toEqual({ topShare: 1, learningRate: 3e-4 });
		expect(paced({ ...fast, topShare: 0.5 }, false)).toEqual({ topShare: 1, learningRate: 3e-4 });
	});
});
