/** @file Greedy decoding of SmolLM2-135M in a page's wasm, in turns with transformers.js: its F32 and its 8-bit form. */
import { it } from 'vitest';
import { median, report } from './models.ts';
import { decoded, findSmolLM2, openOurs, perSecond, starts } from './ours.ts';
import { hasOnnxForm, openTransformersJs } from './transformers-js.ts';

it('speaks as fast as transformers.js', { timeout: 1_800_000 }, async () => {
	const blob = await findSmolLM2();
	if (!blob) return;
	if (!(await hasOnnxForm())) {
		console.log(
			'transformers.js is left out: tests/fixtures/transformers-js/make.py makes its model.',
		);
		return;
	}
	for (const threads of [1, 2]) {
		const ours = await openOurs(blob, threads);
		const [fp32, q8] = [
			await openTransformersJs('fp32', threads),
			await openTransformersJs('q8', threads),
		];
		const all = { ours, fp32, q8 };
		const speeds: Record<keyof typeof all, number[]> = { ours: [], fp32: [], q8: [] };
		for (const { answer } of Object.values(all)) await answer('Hello', 8);
		for (const start of starts.slice(0, 3))
			for (const name of ['ours', 'fp32', 'q8'] as const)
				speeds[name].push(perSecond(await all[name].answer(start, decoded)));
		report(`SmolLM2-135M, Chromium wasm, decode, threads: ${String(threads)}`, {
			ours: speeds.ours,
			'transformers.js fp32': speeds.fp32,
			'transformers.js q8': speeds.q8,
			'ours over fp32': median(speeds.ours) / median(speeds.fp32),
			'ours over q8': median(speeds.ours) / median(speeds.q8),
		});
		await fp32.close();
		await q8.close();
		await ours.dispose();
	}
});
