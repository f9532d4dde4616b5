/**
 * @file Update in context by external memory (survey 6.2): what a round verified is inserted, and what there is too much
 * of is forgotten. Weights may be trained in the same update; solvers look the memory up (`grounded`).
 *
 * Follows MoT (Li & Qiu 2023): the model's own thoughts, filtered, become its memory. Differs: a verdict filters instead
 * of entropy, and retrieval goes by kind of task and shared words instead of embeddings.
 */
import { defineCell } from '#loop/cell.ts';
import type { Memory, MemoryEntry } from '#loop/policy/memory.ts';
import { reportStep } from '#loop/report.ts';
import { completionOf, likelihood, meanLogprob } from '#loop/rollout/rollout.ts';
import type { Context, Experience } from '#loop/types.ts';
import { kindOf } from '#environments/tasks.ts';

const address = '3-update/in-context/external-memory';

export const externalMemory = defineCell({
	section: '6.2',
	address,
	title: 'External memory',
	step: 'update',
	about: 'Writes verified answers to a memory that later solutions look up.',
	papers: ['https://arxiv.org/abs/2305.05181', 'https://arxiv.org/abs/2310.15746'],
	knobs: {
		perKind: {
			kind: 'integer',
			label: 'Cases of a kind',
			help: 'How many solved tasks of each kind are remembered; the least likely answers are forgotten first.',
			default: 6,
			min: 1,
			max: 64,
		},
		alone: {
			kind: 'switch',
			label: 'Memory alone',
			help: 'Trains nothing: only what is remembered changes.',
			default: false,
		},
	},
	needs: [],
	create: ({ perKind, alone }) => {
		return (plan, refined, context) => {
			const inserted = refined.flatMap((one) => entryOf(one, context));
			const memory = forget([...context.policy.memory, ...inserted], perKind);
			reportStep(context, address, memory.length, memory.length);
			return Promise.resolve(alone ? { kind: 'remember', memory } : { ...plan, memory });
		};
	},
});

/** The likeliest kept answer of an experience; none of a held-out task, whatever a filter did. */
function entryOf({ id, task, rollouts, fate }: Experience, { world, t }: Context): Memory {
	const { tasks } = world.environment;
	if (fate.kind !== 'kept' || tasks.isHeldOut(task.item)) return [];
	const texts = new Set(fate.examples.map((one) => (one.kind === 'text' ? one.completion : '')));
	const [best] = rollouts
		.filter((rollout) => texts.has(completionOf(rollout)))
		.sort((a, b) => likelihood(b) - likelihood(a));
	if (!best) return [];
	return [
		{
			...{ id: `case/${id}`, kind: 'experience', text: completionOf(best), t, from: [id] },
			...{ about: kindOf(tasks, task.item), task: task.text },
			// Absent if an engine cannot tell: a record holds no NaN.
			...(!Number.isNaN(meanLogprob(best)) && { logprob: meanLogprob(best) }),
		},
	];
}

/** Of an answer whose likelihood is unknown. */
const least = -Number.MAX_VALUE;

/** Of each kind the `most` likeliest, the newer of equals; in order of age. */
function forget(memory: Memory, most: number): Memory {
	const kept = new Set<MemoryEntry>();
	const kinds = new Set(memory.map(({ about }) => about));
	for (const kind of kinds) {
		const own = memory.filter(({ about }) => about === kind);
		own.sort((a, b) => (b.logprob ?? least) - (a.logprob ?? least) || b.t - a.t);
		for (const entry of own.slice(0, most)) kept.add(entry);
	}
	return memory.filter((entry) => entry.kind !== 'experience' || kept.has(entry));
}
