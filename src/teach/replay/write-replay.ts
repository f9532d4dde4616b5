/**
 * @file Texts that the base model writes, seeded: a quarter of them goes on from the first word of a sentence (LAMOL, Sun et
 * al. 2020, arXiv 1909.03329), a quarter are its answers to questions that it asks itself in a person's place (Magpie, Xu
 * et al. 2024, arXiv 2406.08464), half its answers to generated instructions, none of which is examined. A training that is
 * held to them keeps what the model was; nobody's data is needed.
 */
import { defaultsOf } from '#base/knobs.ts';
import { derive, random } from '#base/random.ts';
import { instructions } from '#environments/instructions/instructions.ts';
import { openers } from '#loop/3-update/plain-text.ts';
import { renderChat } from '#model/chat-template.ts';
import type { Generation } from '#engines/engine.ts';
import type { OpenModel } from '#platform/platform.ts';

/** Tokens of a text, of which those from `from` on are said by the model. */
export interface ReplayText {
	readonly tokens: readonly number[];
	readonly from: number;
}

export interface ReplayOptions {
	readonly count: number;
	readonly seed: number;
	readonly signal: AbortSignal;
	readonly report?: (done: number, total: number) => void;
}

type WritingModel = Pick<OpenModel, 'engine' | 'chat'>;

const textTokens = 56;
const questionTokens = 48;
const answerTokens = 56;
/** Shares of the texts that are answers: how it answers is lost before how it writes. */
const share = { questions: 0.25, instructions: 0.5 } as const;
/** Words of a question at least. */
const fewestWords = 3;
/** A mark that no template changes, to find the place of the message. */
const mark = '\u0001';

/**
 * The texts; none of a model without a chat template, which may know no words. Rejects with the signal's reason when
 * aborted.
 */
export async function writeReplay(
	model: WritingModel,
	{ count, seed, signal, report }: ReplayOptions,
): Promise<readonly ReplayText[]> {
	const { engine, chat } = model;
	if (chat?.template === undefined) return [];
	const { template, specialTokens } = chat;
	await engine.setAdapter(null);
	const asked = Math.round(share.questions * count);
	const told = Math.round(share.instructions * count);
	let done = 0;
	const say = async (what: string, prompts: readonly string[], maxTokens: number) => {
		const before = done;
		const said = await engine.generate(prompts, {
			...{ maxTokens, temperature: 1, seed: derive(seed, 'replay', what), signal },
			onProgress: (some) => report?.(before + some, count + asked),
		});
		signal.throwIfAborted();
		done += prompts.length;
		return said;
	};
	const draw = random(derive(seed, 'replay', 'openers'));
	const texts = await say(
		'texts',
		Array.from({ length: count - asked - told }, () => draw.pick(openers)),
		textTokens,
	);
	const render = (content: string, addGenerationPrompt: boolean): string =>
		renderChat(template, [{ role: 'user', content }], { addGenerationPrompt, specialTokens });
	const framed = render(mark, false);
	const opening = framed.slice(0, framed.indexOf(mark));
	const questions = await say(
		'questions',
		Array.from({ length: asked }, () => opening),
		questionTokens,
	);
	const whole = questions
		.filter(({ text, stopReason }) => stopReason === 'stop' && wordsIn(text) >= fewestWords)
		.map(({ text }) => text.trim());
	// Left to itself it seldom asks for a piece of work, and that is what is lost first.
	const { tasks, words } = instructions.create(defaultsOf(instructions.knobs));
	const given = Array.from({ length: told }, () =>
		words.show(tasks.draw(tasks.difficulty.min, draw)),
	);
	const answers = await say(
		'answers',
		[...new Set([...whole, ...given])].map((question) => render(question, true)),
		answerTokens,
	);
	return [...texts.flatMap(said), ...answers.flatMap(said)];
}

/** What writing so many takes, by the pace of a few short ones. */
export async function secondsOfWriting(
	{ engine }: Pick<OpenModel, 'engine'>,
	count: number,
	signal: AbortSignal,
): Promise<number> {
	const prompts = openers.slice(0, measured);
	const began = performance.now();
	const options = { maxTokens: measuredTokens, temperature: 1, seed: 1, signal };
	const found = await engine.generate(prompts, options);
	signal.throwIfAborted();
	const tokens = found.reduce((sum, one) => sum + one.tokens.length, 0);
	const seconds = (performance.now() - began) / 1000 / Math.max(1, tokens);
	return seconds * count * (textTokens + share.questions * questionTokens);
}

const measured = 8;
const measuredTokens = 12;

const wordsIn = (text: string): number => text.trim().split(/\s+/).length;

/** Nothing for an answer without words, or of an engine that cannot tell its tokens. */
function said({ text, tokens, promptTokens = [] }: Generation): readonly ReplayText[] {
	if (text === '' || tokens.length === 0 || promptTokens.length === 0) return [];
	return [{ tokens: [...promptTokens, ...tokens], from: promptTokens.length }];
}
