/** @file Recipes and environments are joined by what one needs and the other offers; a cell hears no other truth. */
import { describe, expect, test } from 'vitest';
import { environmentFor, type Truth } from '#environments/environment.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { defineCell } from '#loop/cell.ts';
import { hearsTruth, use } from '#methods/parts/method.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { methods } from '#methods/registry.ts';
import { selfInstructed } from '#methods/self-instruct.ts';
import { spag } from '#methods/spag.ts';
import { star } from '#methods/star.ts';
import { assemble } from '#runs/assemble.ts';
import { assertCanChat, environmentsFor, misfit } from '#runs/join.ts';
import { assembleRun, newRecord } from '#runs/request.ts';
import { scratchpad, testWorld } from '../loop/world.ts';
import { setUp } from './bench.ts';

const all = Object.values(environments);
const namesFor = (recipe: (typeof methods)[number]) =>
	environmentsFor(recipe, all).map(({ name }) => name);

describe('a method fits', () => {
	test('every environment that offers what it needs, its own first', () => {
		expect(namesFor(easyToHard)).toEqual([
			'addition',
			...Object.keys(environments).filter((name) => name !== 'addition'),
		]);
		const chats = Object.keys(environments).filter((name) => openEnvironment(name).chat);
		expect(namesFor(selfInstructed)).toEqual([
			'instructions',
			...chats.filter((name) => name !== 'instructions'),
		]);
		expect(chats).toContain('facts');
		expect(namesFor(star)).toEqual(['addition']);
		expect(namesFor(spag)).toEqual(['tictactoe', 'kuhn-poker', 'nim', 'reference-game']);
	});

	test('the environment that it names', () => {
		for (const recipe of methods) expect(namesFor(recipe)[0]).toBe(recipe.environment);
	});

	test('no other, and says what is missing', () => {
		expect(misfit(selfInstructed, environments.sorting)).toBe(
			'Method self-instruct needs prompts that are chats, which environment sorting does not have.',
		);
		expect(misfit(easyToHard, environments.sorting)).toBeUndefined();
	});
});

describe('the truth', () => {
	test('is told to those methods whose cells ask for it before the examination', () => {
		expect(methods.filter(hearsTruth).map(({ name }) => name)).toEqual([
			'back-translation',
			'evol-instruct',
			'grounded-pairs',
			'grounded',
			'knowledge',
			'memory-alone',
			'stream',
			'preferences',
			'ditto',
			'new-words',
			'spice',
			'reflexion',
			'rest-em',
			'rlcd',
			'rft',
			'self-evolve',
			'diverse-evol',
			'learnable',
			'mutated',
			'selective-reflection',
			'self-debugging',
			'spin',
			'star',
			'adapting',
			'eto',
			'rest-react',
		]);
	});

	test('is not in the environment of who does not ask for it', () => {
		const given = (...needs: Parameters<typeof environmentFor>[1]) => {
			const facets = Object.keys(environmentFor(scratchpad, needs));
			return (['score', 'reference', 'hint', 'faults'] satisfies Truth[]).filter((truth) =>
				facets.includes(truth),
			);
		};
		expect(given()).toEqual([]);
		expect(given('score')).toEqual(['score']);
		expect(given('reference', 'hint?')).toEqual(['reference', 'hint']);
		expect(Object.keys(environmentFor(scratchpad, []))).toContain('answers');
	});

	test('that is missing is refused in a sentence, unless it can do without', () => {
		const sorting = openEnvironment('sorting');
		expect(() => environmentFor(sorting, ['hint'])).toThrow('Environment sorting has no hint.');
		expect(environmentFor(sorting, ['hint?'])).not.toHaveProperty('hint');
	});

	test('does not reach a cell of a run that did not ask for it', async () => {
		const seen: string[][] = [];
		const curious = defineCell({
			section: '4.1',
			address: '1-acquire/task/knowledge-free',
			title: 'Curious',
			step: 'evolveTasks',
			about: 'Looks at what it was given.',
			papers: [],
			knobs: {},
			needs: [],
			create: () => (context) => {
				seen.push(Object.keys(context.world.environment));
				return Promise.resolve([]);
			},
		});
		const recipe = { ...easyToHard, evolveTasks: use(curious) };
		await assemble(recipe).method.evolveTasks(testWorld().context());
		expect(seen[0]).toContain('tasks');
		expect(seen[0]).not.toContain('score');
		expect(seen[0]).not.toContain('reference');
	});
});

describe('a model', () => {
	const startOf = (method: string, environment: string, knobs = {}, model?: string) =>
		assembleRun({ method, environment, knobs, ...(model !== undefined && { model }) }).start;

	test('is the seedling of the environment with its knobs, with what it was taught', () => {
		const hints = startOf('easy-to-hard', 'addition');
		expect(hints).toMatchObject({ model: 'addition', taught: [1, 8], lessons: { range: [1, 8] } });
		const rationales = startOf('star', 'addition');
		expect(rationales).toMatchObject({ model: 'addition-scratchpad', lessons: { range: [1, 6] } });
		const copying = startOf('easy-to-hard', 'reversal', { direction: 'copy' });
		expect(copying).toMatchObject({ model: 'reversal', lessons: { range: [1, 8] } });
	});

	test('that a person names has no first lessons unless it is that seedling', () => {
		expect(startOf('easy-to-hard', 'addition', {}, 'library:m')).toEqual({
			model: 'library:m',
			taught: [1, 8],
		});
		expect(startOf('easy-to-hard', 'addition', {}, 'addition').lessons?.range).toEqual([1, 8]);
	});

	test('of a chat is the default one, begun at the lowest difficulty: the entrance examination says where to go on', () => {
		const asked = { method: 'self-instruct', environment: 'instructions', knobs: {} };
		expect(startOf('self-instruct', 'instructions')).toEqual({
			model: 'SmolLM2-135M-Instruct',
		});
		const { recipe, state } = newRecord({ ...asked, seed: 1, rounds: 1 }, 'r', 0);
		expect(recipe.model).toBe('SmolLM2-135M-Instruct');
		expect(state).toMatchObject({ objective: { difficulty: 1 } });
	});

	test('without a chat template is refused for a chat before any work', async () => {
		const { store, open } = setUp();
		const session = open();
		const asked = { method: 'self-instruct', environment: 'instructions', knobs: {} };
		await expect(session.start({ ...asked, seed: 1, rounds: 1, model: 'base' })).rejects.toThrow(
			'Environment instructions is a chat and model base has no chat template; choose an instruction-tuned model.',
		);
		expect(await store.runs()).toEqual([]);
		await session.dispose();
	});

	test('with a chat template is taken for a chat', () => {
		const chat = { template: '{{ messages }}', specialTokens: {}, startTokens: [] };
		const { environment } = assembleRun({
			method: 'self-instruct',
			environment: 'instructions',
			knobs: {},
		});
		expect(() => assertCanChat(environment, { name: 'm', chat })).not.toThrow();
		expect(() => assertCanChat(environment, { name: 'm' })).toThrow('no chat template');
		expect(() => assertCanChat(openEnvironment('sorting'), { name: 'm' })).not.toThrow();
	});
});
