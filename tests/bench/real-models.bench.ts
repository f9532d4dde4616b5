/**
 * @file SmolLM2-135M in a page's wasm, against wllama on the same file: prompts of several lengths and answers to them,
 * sixteen answers at once, from opening to the first token, and bytes of the tab. Loaded anew for every repeat, in turns.
 */
import { it } from 'vitest';
import { openClock } from './clock.ts';
import { median, report, tabBytes } from './models.ts';
import {
	decoded,
	findSmolLM2,
	longPrompt,
	openOurs,
	perSecond,
	promptLengths,
	repeats,
	starts,
	threadCounts,
	versionOf,
	type Answered,
} from './ours.ts';
import { openWllama } from './wllama.ts';

/** By what was measured: tokens a second, milliseconds or bytes. */
type Figures = Readonly<Record<string, number>>;

/** An engine to be asked. */
interface Asked {
	answer(prompt: string, maxTokens: number): Promise<Answered>;
}

/** Prompts of each length read, and answers to them. */
async function prompted(
	{ answer }: Asked,
	lengthOf: (text: string) => number,
	repeat: number,
): Promise<Figures> {
	await answer('Hello', 8);
	const figures: Record<string, number> = {};
	for (const length of promptLengths) {
		const prompt = longPrompt(length, repeat);
		const took = await answer(prompt, decoded);
		figures[`prefill of ${length}`] = (lengthOf(prompt) * 1000) / took.first;
		figures[`decode after ${length}`] = perSecond(took);
	}
	return figures;
}

async function ours(blob: Blob, threads: number, repeat: number): Promise<Figures> {
	const { now } = openClock(threads);
	const began = now();
	const model = await openOurs(blob, threads);
	await model.answer('The', 1);
	const load = now() - began;
	const lengthOf = (text: string): number => model.tokenizer.encode(text).length;
	const figures = await prompted(model, lengthOf, repeat);
	const batchBegan = now();
	const many = await model.engine.generate(starts, { maxTokens: decoded });
	const batch =
		(many.reduce((n, { tokens }) => n + tokens.length, 0) * 1000) / (now() - batchBegan);
	const bytes = await tabBytes();
	const lengths = promptLengths.map((length) => lengthOf(longPrompt(length, repeat)));
	console.log(model.engine.description, 'tokens of the prompts:', lengths.join(' '), many[0]?.text);
	await model.dispose();
	return { ...figures, 'batch of 16': batch, load, bytes };
}

async function theirs(
	blob: Blob,
	threads: number,
	repeat: number,
	lengthOf: (text: string) => number,
): Promise<Figures> {
	const { now } = openClock(threads);
	const began = now();
	const contextLength = Math.ceil(Math.max(...promptLengths) * 1.1) + 2 * decoded;
	const model = await openWllama(blob, threads, contextLength);
	await model.answer('The', 1);
	const load = now() - began;
	const figures = await prompted(model, lengthOf, repeat);
	const bytes = await tabBytes();
	await model.close();
	return { ...figures, load, bytes };
}

it('speaks faster than wllama', { timeout: 7_200_000 }, async () => {
	const blob = await findSmolLM2();
	if (!blob) return;
	const reader = await openOurs(blob, 1);
	const lengthOf = (text: string): number => reader.tokenizer.encode(text).length;
	await reader.dispose();
	for (const threads of threadCounts) {
		const all = { ours: [] as Figures[], wllama: [] as Figures[] };
		const valuesOf = (who: keyof typeof all, what: string): readonly number[] =>
			all[who].map((figures) => figures[what] ?? NaN);
		for (let repeat = 0; repeat < repeats; repeat++) {
			all.ours.push(await ours(blob, threads, repeat));
			console.log(JSON.stringify(all.ours.at(-1)));
			all.wllama.push(await theirs(blob, threads, repeat, lengthOf));
			console.log(JSON.stringify(all.wllama.at(-1)));
			const both = Object.keys(all.wllama[0] ?? {}).flatMap((what) => {
				const [own, other] = [valuesOf('ours', what), valuesOf('wllama', what)];
				return [
					[`${what}, ours`, own],
					[`${what}, wllama`, other],
					[`${what}, ratios`, own.map((value, i) => value / (other[i] ?? NaN))],
				] as const;
			});
			const one = median(valuesOf('wllama', `decode after ${promptLengths[0] ?? ''}`));
			report(`SmolLM2-135M Q4_1, Chromium wasm, threads: ${threads}`, {
				wllama: await versionOf('@wllama/wllama'),
				clock: openClock(threads).name,
				repeats: repeat + 1,
				...Object.fromEntries(both),
				'batch of 16, ours': valuesOf('ours', 'batch of 16'),
				'batch of 16 over one stream of wllama': median(valuesOf('ours', 'batch of 16')) / one,
			});
		}
	}
});
