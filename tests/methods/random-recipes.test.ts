/**
 * @file Random recipes: cells drawn for every step, with random knobs, on an environment that has what they need, for two
 * rounds of a scripted model and a tiny trainer. None fails, none gives a number that is none, none trains on a held-out
 * item.
 */
import { expect, test } from 'vitest';
import type { Knob, KnobValue } from '#base/knobs.ts';
import { shownPrompt } from '#base/prompt.ts';
import { derive, random, type Random } from '#base/random.ts';
import type { PolicyEngine } from '#engines/engine.ts';
import { scripted, type ScriptedEngine } from '#engines/scripted.ts';
import { hasForm } from '#engines/forms/token-form.ts';
import { lacking, type Environment } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { Cell, StepName } from '#loop/cell.ts';
import { evolve } from '#loop/evolve.ts';
import { startState, type Start } from '#loop/start.ts';
import { cells, variants } from '#loop/taxonomy.ts';
import type { Experience } from '#loop/types.ts';
import type { Choice, Recipe } from '#methods/parts/method.ts';
import { assemble } from '#runs/assemble.ts';
import { assertSealed } from '#runs/plan-check.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { alphabets, type SeedlingName } from '#seedlings/alphabets.ts';
import { end, pad } from '#environments/alphabet.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { seedlings } from '#seedlings/seedlings.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { initialiseModel } from '#training/initialise.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';
import { addition, learner, scratchpad, testWorld, type Known } from '../loop/world.ts';

/** The longest alphabet, so that the tokens of every seedling are within the vocabulary. */
const longest = Object.values(alphabets).reduce<readonly string[]>(
	(a, b) => (a.length < b.length ? b : a),
	[],
);
const spec = tinySpec(longest);
const runtime = openNodeRuntime(1);
const openTrainer = openGradientTrainer(spec, initialiseModel(spec, 1), (...parts) =>
	openOnnxGradients(runtime, ...parts),
);
const built = [...cells, ...variants];
const words = 'the lamp river bell keeper stood by a door and rang it three times yes no'.split(
	' ',
);

/** Says anything: words, a list, a number, yes or no; of the form that is asked for. Some of it is right. */
const chatter = (): ScriptedEngine =>
	scripted({
		script: (prompt, { options: { form } }) => {
			const stream = random(derive(1, prompt));
			const said = Array.from({ length: stream.integer(1, 12) }, () => stream.pick(words)).join(
				' ',
			);
			const all = [`${said}.`, `["${said}", "${said}"]`, '3', 'Yes', 'No', said];
			return stream.pick(form ? all.filter((one) => hasForm(form, one)) : all);
		},
	});
/** Says some characters of its alphabet. */
const babbler = (name: SeedlingName) => (): ScriptedEngine =>
	scripted({
		script: (prompt, { options: { seed = 0 } }) => {
			const stream = random(derive(1, prompt, seed));
			const said = Array.from({ length: stream.integer(1, 3) }, () =>
				stream.pick(alphabets[name].slice(2)),
			);
			return said.join('') + end;
		},
	});
/** Tokens of any text within the vocabulary of the tiny model. */
const bytes = {
	...{ vocabularySize: spec.vocabularySize, endToken: 1, padToken: 0 },
	encode: (text: string) =>
		[...new TextEncoder().encode(text)].map((byte) => 2 + (byte % (spec.vocabularySize - 2))),
	decode: () => '',
};

/** The engine with the tokens of what it said, as one that runs here has. */
const withTokens = (
	engine: PolicyEngine,
	{ encode }: Pick<TextTokenizer, 'encode'>,
): PolicyEngine => ({
	...engine,
	generate: async (prompts, options) =>
		(await engine.generate(prompts, options)).map((said, i) => {
			const tokens = encode(said.text);
			const promptTokens = encode(shownPrompt(prompts[i] ?? ''));
			return { ...said, tokens, promptTokens, logprobs: tokens.map(() => -0.5) };
		}),
	score: (pairs) =>
		Promise.resolve(
			pairs.map(({ prompt, completion }) => {
				const stream = random(derive(2, shownPrompt(prompt), completion));
				return Float32Array.from(encode(completion), () => -5 * stream.next());
			}),
		),
});

const worlds: readonly (readonly [Known | Environment, () => ScriptedEngine])[] = [
	[addition, () => learner(addition, 8, 0.3)],
	[scratchpad, () => learner(scratchpad, 6, 0.3)],
	[openEnvironment('instructions'), chatter],
	[openEnvironment('questions'), chatter],
	[openEnvironment('facts'), chatter],
	[openEnvironment('tictactoe'), babbler('tictactoe')],
	[openEnvironment('list-programs'), babbler('list-programs')],
	[openEnvironment('order'), babbler('order')],
];

/** Work is kept small, and nothing else. */
const largest = 6;

function valueOf(knob: Knob, stream: Random): KnobValue {
	switch (knob.kind) {
		case 'choice':
			return stream.pick(knob.options);
		case 'switch':
			return stream.next() < 0.5;
		case 'text':
			return knob.default;
		case 'integer':
			return stream.integer(knob.min, Math.min(knob.max, Math.max(knob.min, largest)));
		case 'number':
			return stream.next() < 0.5
				? Math.min(knob.max, Math.max(knob.min, knob.default))
				: knob.min + stream.next() * (Math.min(knob.max, 1) - knob.min);
		default:
			return knob satisfies never;
	}
}

function choose<S extends StepName>(step: S, environment: Environment, stream: Random): Choice<S> {
	const fitting = built.filter(
		(cell) => cell.step === step && lacking(environment, cell.needs).length === 0,
	);
	const cell = stream.pick(fitting);
	const set = Object.entries(cell.knobs)
		.filter(() => stream.next() < 0.7)
		.map(([name, knob]) => [name, valueOf(knob, stream)] as const);
	return { cell: cell as unknown as Cell<S>, set: Object.fromEntries(set) };
}

function draw(environment: Environment, stream: Random): Recipe {
	const one = <S extends StepName>(step: S): Choice<S> => choose(step, environment, stream);
	/** Each cell once. */
	const some = <S extends StepName>(step: S, most: number): readonly Choice<S>[] => {
		const all = Array.from({ length: stream.integer(0, most) }, () => one(step));
		return all.filter(({ cell }, i) => all.findIndex((other) => other.cell === cell) === i);
	};
	return {
		...{ name: 'random', title: 'Random', by: '', paper: '', about: '' },
		...{ environment: environment.name, rounds: 2 },
		evolveTasks: one('evolveTasks'),
		evolveSolutions: one('evolveSolutions'),
		getFeedback: one('getFeedback'),
		refine: some('refine', 3),
		update: some('update', 4),
		evaluate: one('evaluate'),
	};
}

/** Numbers within plain data that are none. */
function nanIn(value: unknown, path = ''): readonly string[] {
	if (typeof value === 'number') return Number.isFinite(value) ? [] : [path];
	if (ArrayBuffer.isView(value)) return [];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => nanIn(inner, `${path}/${key}`));
}

const told = (recipe: Recipe): string =>
	JSON.stringify(
		[
			recipe.evolveTasks,
			recipe.evolveSolutions,
			recipe.getFeedback,
			...recipe.refine,
			...recipe.update,
			recipe.evaluate,
		].map(({ cell, set }) => [cell.address, set]),
	);

async function runs(seed: number): Promise<void> {
	const stream = random(derive(1, 'random-recipe', seed));
	const [environment, speak] = stream.pick(worlds);
	const recipe = draw(environment, stream);
	const past: Experience[] = [];
	const { range } = seedlings[environment.chat ? 'addition' : (environment.name as SeedlingName)];
	const begin: Start = environment.chat ? { model: 'm' } : { model: 'm', taught: range };
	const at = testWorld({
		...{ environment: environment as Known, engine: speak(), seed, start: begin },
		past: () => past,
	});
	const characters =
		environment.name !== 'addition' && Object.hasOwn(alphabets, environment.name)
			? alphabets[environment.name as SeedlingName].slice(2)
			: alphabets['addition-scratchpad'].slice(2);
	const tokenizer = environment.chat ? bytes : characterTokenizer({ pad, end, characters });
	const world = {
		...{ ...at.world, openTrainer, tokenizer, render: shownPrompt },
		engine: withTokens(at.engine, tokenizer),
	};
	try {
		const { method } = assemble(recipe, { examined: 3 });
		const sealed: typeof method = {
			...method,
			update: async (refined, context) => {
				const plan = await method.update(refined, context);
				assertSealed(plan, environment, [...past, ...refined]);
				return plan;
			},
		};
		let rounds = 0;
		const start = startState(environment, begin);
		for await (const event of evolve(sealed, start, world, 2)) {
			if (event.type === 'refined')
				past.push(...event.state.experience.filter(({ fate }) => fate.kind === 'kept'));
			if (event.type !== 'evaluated') continue;
			rounds++;
			expect(nanIn(event.evaluation.report.score)).toEqual([]);
			expect(nanIn(event.state.objective)).toEqual([]);
			for (const { data } of event.state.policy.adapter?.tensors.values() ?? [])
				expect(data.every(Number.isFinite)).toBe(true);
		}
		expect(rounds).toBe(3);
	} catch (error) {
		throw new Error(`seed ${seed} on ${environment.name}: ${told(recipe)}`, { cause: error });
	}
}

/** Recipes of a run of the tests; `RECIPES=300` draws more. */
const count = Number(process.env['RECIPES'] ?? 100);
const each = 12;

test.each(Array.from({ length: Math.ceil(count / each) }, (_, i) => i * each))(
	'recipes %i and on go through two rounds',
	{ timeout: 300_000 },
	async (from) => {
		for (let seed = from; seed < Math.min(count, from + each); seed++) await runs(seed);
	},
);
