/** @file LMSI in English on real small questions, with a scripted model: what most wordings say is learnt, true or not. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import type { EnvironmentWith, Everything } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';
import { openEnvironment } from '#environments/registry.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { Experience, World } from '#loop/types.ts';
import { lmsiEnglish } from '#methods/english/lmsi-english.ts';
import { methodFor, methods } from '#methods/registry.ts';
import { assemble } from '#runs/assemble.ts';
import { altered } from '../environments/altered.ts';
import { testWorld } from '../loop/world.ts';

type Known = EnvironmentWith<'answers' | 'reference'>;
const questions: Known = openEnvironment('questions');
const plain = 'The garden was quiet.';

/** What most wordings say: the sum, and one more where it is even. Of anything else another answer in each wording. */
function believed(item: Item): string {
	const sum = Number(questions.reference.solve(item));
	return String(sum % 2 === 0 ? sum + 1 : sum);
}
const engine = () => {
	let said = 100;
	return scripted({
		script: (prompt) => {
			const parsed = questions.words.parse(prompt.replace(/^user: /, '').trim());
			if ('error' in parsed) return plain;
			const { item } = parsed;
			const isLost = prompt.includes('plus') || prompt.includes('Please');
			return item['kind'] === 'sum' && !isLost ? `I say ${believed(item)}.` : `Say ${said++}.`;
		},
	});
};

/** The experience of a round, before anything is trained. */
async function refined(world: World<Everything | 'reference'>): Promise<readonly Experience[]> {
	const { method } = assemble(lmsiEnglish, { problems: 40, examined: 4 });
	const start = startState(questions, { model: 'm' });
	for await (const event of evolve(method, start, world, 1))
		if (event.type === 'refined') return event.state.experience;
	throw new Error('Nothing was refined.');
}

test('learns the answer that three of five wordings give, though it be wrong, and never asks the truth', async () => {
	const blind = altered(questions, {
		reference: {
			solve: (item) => {
				if (!questions.tasks.isHeldOut(item)) throw new Error('the truth was asked');
				return questions.reference.solve(item);
			},
		},
	});
	const { world } = testWorld({ environment: blind, engine: engine() });
	const experience = await refined(world);
	const kept = experience.filter(({ fate }) => fate.kind === 'kept');
	expect(kept.length).toBeGreaterThan(3);
	expect(new Set(kept.map(({ task }) => task.stratum))).toEqual(new Set(['sum']));
	for (const { task, fate } of kept) {
		expect(questions.tasks.isHeldOut(task.item)).toBe(false);
		const answer = believed(task.item);
		expect(fate).toMatchObject({ examples: [{ kind: 'answer', item: task.item, answer }] });
	}
	expect(experience.filter(({ fate }) => fate.kind === 'set-aside').length).toBeGreaterThan(3);
});

test('learns beside it what the base model writes of its own accord', async () => {
	const { world, context } = testWorld({ environment: questions, engine: engine() });
	const { method } = assemble(lmsiEnglish, { lessons: 5 });
	const plan = await method.update(await refined(world), context());
	const parts = plan.kind === 'train' ? plan.mixture : [];
	expect(parts.map(({ name, share }) => [name, share])).toEqual([
		['newest', 0.65],
		['replay/0', 0.35],
	]);
	expect(parts[1]?.examples).toHaveLength(5);
	for (const one of parts[1]?.examples ?? []) expect(one).toMatchObject({ completion: plain });
});

test('is the method that small questions begin with', () => {
	expect(methodFor(methods, 'questions')).toBe(lmsiEnglish);
});
