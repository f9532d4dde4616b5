/** @file Replay: shares of the batch, equal weight per difficulty, and the seal. */
import { expect, test } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Experience } from '#loop/types.ts';
import {
	addition,
	keptExperience,
	readPrompt,
	solve,
	someTask,
	testWorld,
	trainingOf,
} from '../../world.ts';
import { answered, english, instructions, speaker, taskOf } from '../../english.ts';
import { altered } from '../../../environments/altered.ts';

const knobs = { share: 0.5, repeats: 24, source: 'both', lessons: 20 } as const;
const newest = [keptExperience(someTask(11, 'training'), 3)];

async function planOf(
	past: readonly Experience[],
	over: Partial<Parameters<typeof replay.create>[0]> = {},
	refined = newest,
) {
	const context = testWorld({ past: () => past }).context({ t: 3 });
	return trainingOf(
		replay.create({ ...knobs, ...over })(startPlan(refined, addition), refined, context),
	);
}
const earlier = [9, 10].map((difficulty, i) =>
	keptExperience(someTask(difficulty, 'training'), i + 1),
);

test('half of a batch is new, the rest shared equally by difficulty', async () => {
	const { mixture } = await planOf(earlier);
	expect(mixture.map((pool) => pool.name)).toEqual([
		'newest',
		...Array.from({ length: 10 }, (_, i) => `replay/${i + 1}`),
	]);
	expect(mixture[0]?.share).toBe(0.5);
	expect(mixture.slice(1).map((pool) => pool.share)).toBeAllclose(Array<number>(10).fill(0.05));
});

test('the first lessons are drawn with their true answers, and anew each round', async () => {
	const { mixture } = await planOf([], { source: 'base' });
	const lessons = mixture.slice(1).flatMap((pool) => pool.examples);
	expect(lessons.length).toBeGreaterThan(7 * 20);
	for (const lesson of lessons)
		expect(
			lesson.kind === 'answer' && lesson.answer === addition.reference.solve(lesson.item),
		).toBe(true);
	const context = testWorld().context({ t: 4 });
	const later = await trainingOf(
		replay.create({ ...knobs, source: 'base' })(startPlan(newest, addition), newest, context),
	);
	expect(later.mixture.at(-1)?.examples).not.toEqual(mixture.at(-1)?.examples);
});

test('first lessons that were conversations are practised turn by turn, calls as well as answers', async () => {
	const environment = openEnvironment('calculator');
	const start = { model: 'calculator', taught: [1, 2] as const };
	const context = testWorld({ environment, start }).context();
	const make = replay.create({ ...knobs, lessons: 5, source: 'base' });
	const { mixture } = await trainingOf(make(startPlan(newest, addition), newest, context));
	const said = mixture
		.slice(1)
		.flatMap(({ examples }) => examples.flatMap((one) => (one.kind === 'text' ? [one] : [])));
	// One call and an answer to a product, two and an answer to two.
	expect(said).toHaveLength(5 * 2 + 5 * 3);
	const answered = said.filter(({ completion }) => /^\d+\$$/.test(completion));
	expect(answered).toHaveLength(10);
	for (const { prompt } of answered) expect(prompt).toMatch(/=(?:[a-p]\[[\d*+]+\]\$\d+;){1,2}$/);
});

test('can replay earlier rounds only, or nothing', async () => {
	const { mixture } = await planOf(earlier, { source: 'rounds' });
	expect(mixture.map((pool) => pool.name)).toEqual(['newest', 'replay/9', 'replay/10']);
	expect((await planOf(earlier, { share: 0 })).mixture).toHaveLength(1);
	expect((await planOf([], { source: 'rounds' })).mixture[0]?.share).toBe(1);
});

test('a round that kept nothing trains on nothing', async () => {
	const { mixture } = await planOf(earlier, {}, []);
	expect(mixture.flatMap((pool) => pool.examples)).toEqual([]);
});

test('this round is not its own past, even if the store hands it back', async () => {
	const { mixture } = await planOf([...earlier, ...newest], { source: 'rounds' });
	expect(mixture.map((pool) => pool.name)).not.toContain('replay/11');
});

test('a held-out problem in the books or in the round never reaches a plan', async () => {
	const leaked = keptExperience(someTask(9, 'held-out'), 1);
	const fresh = keptExperience(someTask(11, 'held-out'), 3);
	const { mixture } = await planOf([leaked, ...earlier], {}, [fresh, ...newest]);
	const items = mixture
		.flatMap((pool) => pool.examples)
		.flatMap((example) => (example.kind === 'answer' ? [example.item] : []));
	expect(items.length).toBeGreaterThan(100);
	expect(items.filter((item) => addition.tasks.isHeldOut(item))).toEqual([]);
});

test('retold: its own answers to old problems, false ones too, where its two views agree; the truth is not asked', async () => {
	const blind = altered(addition, {
		reference: {
			solve: () => {
				throw new Error('the truth was asked');
			},
		},
	});
	// Sure of all but 5 digits, where it is always wrong by one, and torn between its views at 7.
	const said = (prompt: string) => {
		const { a, b, offset } = readPrompt(prompt);
		const digits = Math.max(a.length, b.length);
		const by = digits === 5 ? 1 : digits === 7 ? offset : 0;
		return solve(addition, prompt, String(BigInt(a) + BigInt(b) + BigInt(by)));
	};
	const at = testWorld({ environment: blind, script: said });
	const create = () => replay.create({ ...knobs, source: 'retold' });
	const plan = startPlan(newest, addition);
	const { mixture } = await trainingOf(create()(plan, newest, at.context({ t: 3 })));
	expect(mixture.map(({ name }) => name)).toEqual([
		'newest',
		...[1, 2, 3, 4, 5, 6, 8].map((difficulty) => `replay/${difficulty}`),
	]);
	const old = mixture.slice(1).flatMap(({ examples }) => examples);
	expect(old.length).toBeGreaterThan(6 * 15);
	for (const one of old) {
		if (one.kind !== 'answer') throw new Error('Answers are retold.');
		expect(addition.tasks.isHeldOut(one.item)).toBe(false);
		const truth = BigInt(addition.reference.solve(one.item));
		expect(BigInt(one.answer) - truth).toBe(one.difficulty === 5 ? 1n : 0n);
	}
	const again = await trainingOf(create()(plan, newest, at.context({ t: 3 })));
	expect(again.mixture).toEqual(mixture);
});

test('plain texts are what the base model writes after the first word of a sentence', async () => {
	const engine = speaker({ '': (prompt) => ` ${prompt.toLowerCase()} lamp was lit` });
	const kept = answered(
		taskOf('Write a note about a lamp. End with exactly these words: That is all.'),
		'x',
		1,
	);
	const fate = {
		kind: 'kept',
		examples: [{ kind: 'text', difficulty: 1, prompt: 'a', completion: 'b' }],
	} as const;
	const { at } = english(engine);
	const plan = startPlan([{ ...kept, fate }], instructions);
	const { mixture } = await trainingOf(
		replay.create({ ...knobs, share: 0.25, source: 'plain', lessons: 12 })(plan, [], at),
	);
	expect(mixture.map(({ name, share }) => [name, share])).toEqual([
		['newest', 0.75],
		['replay/0', 0.25],
	]);
	const texts = mixture[1]?.examples ?? [];
	expect(texts).toHaveLength(12);
	for (const one of texts) {
		if (one.kind !== 'text' || typeof one.prompt !== 'string') throw new Error('it is no text');
		expect(one.prompt).toMatch(/^[A-Z][a-z]*$/);
		expect(one.completion).toBe(` ${one.prompt.toLowerCase()} lamp was lit`);
		expect(one.tokens).toBeUndefined(); // this engine gives none: the text is encoded
	}
	const calls = engine.calls.map((call) => (call.kind === 'setAdapter' ? call.adapter : call.kind));
	expect(calls).toEqual([null, 'generate', at.policy.adapter]);
});

test('a seedling, which knows no words, writes no plain text', async () => {
	const { mixture } = await planOf(earlier, { source: 'plain' });
	expect(mixture.map(({ name, share }) => [name, share])).toEqual([['newest', 1]]);
});
