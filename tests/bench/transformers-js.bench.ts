/**
 * @file Prompts of several lengths and greedy answers to them by SmolLM2-135M in a page's wasm, in turns with
 * transformers.js: its F32 and its 8-bit form.
 */
import { it } from 'vitest';
import { openClock } from './clock.ts';
import { median, report } from './models.ts';
import {
	decoded,
	findSmolLM2,
	longPrompt,
	openOurs,
	perSecond,
	promptLengths,
	repeats,
	threadCounts,
	versionOf,
} from './ours.ts';
import { hasOnnxForm, openTransformersJs } from './transformers-js.ts';

it('speaks as fast as transformers.js', { timeout: 7_200_000 }, async () => {
	const blob = await findSmolLM2();
	if (!blob) return;
	if (!(await hasOnnxForm())) {
		console.log(
			'transformers.js is left out: tests/fixtures/transformers-js/make.py makes its model.',
		);
		return;
	}
	for (const threads of threadCounts) {
		const ours = await openOurs(blob, threads);
		const [fp32, q8] = [
			await openTransformersJs('fp32', threads),
			await openTransformersJs('q8', threads),
		];
		const all = { ours, fp32, q8 };
		for (const { answer } of Object.values(all)) await answer('Hello', 8);
		for (const length of promptLengths) {
			const read: Record<keyof typeof all, number[]> = { ours: [], fp32: [], q8: [] };
			const speeds: typeof read = { ours: [], fp32: [], q8: [] };
			for (let repeat = 0; repeat < repeats; repeat++) {
				const prompt = longPrompt(length, repeat);
				for (const name of ['ours', 'fp32', 'q8'] as const) {
					const took = await all[name].answer(prompt, decoded);
					read[name].push((ours.tokenizer.encode(prompt).length * 1000) / took.first);
					speeds[name].push(perSecond(took));
				}
			}
			report(
				`SmolLM2-135M after ${length} tokens, transformers.js, Chromium wasm, threads: ${threads}`,
				{
					'transformers.js': await versionOf('@huggingface/transformers'),
					clock: openClock(threads).name,
					'decode, ours': speeds.ours,
					'decode, transformers.js fp32': speeds.fp32,
					'decode, transformers.js q8': speeds.q8,
					'decode, ours over fp32': median(speeds.ours) / median(speeds.fp32),
					'decode, ours over q8': median(speeds.ours) / median(speeds.q8),
					'prefill, ours': read.ours,
					'prefill, transformers.js fp32': read.fp32,
					'prefill, transformers.js q8': read.q8,
					'prefill, ours over fp32': median(read.ours) / median(read.fp32),
					'prefill, ours over q8': median(read.ours) / median(read.q8),
				},
			);
		}
		await fp32.close();
		await q8.close();
		await ours.dispose();
	}
});
