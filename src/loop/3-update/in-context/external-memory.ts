/**
 * @file Update in context by external memory (survey 6.2): what a round verified is inserted, rules are drawn from what went
 * wrong, and what there is too much of is forgotten. Weights may be trained in the same update; solvers look the memory up
 * (`grounded`).
 *
 * Follows MoT (Li & Qiu 2023): the model's own thoughts, filtered, become its memory. Differs: a verdict filters instead
 * of entropy, and retrieval goes by kind of task and shared words instead of embeddings. Reflecting is TRAN's (Yang et al.
 * 2023); forgetting by time is MemGPT's queue (Packer et al. 2023), by use after MemoryBank (Zhong et al. 2023).
 */
import { defineCell } from '#loop/cell.ts';
import type { Memory, MemoryEntry } from '#loop/policy/memory.ts';
import { reflected, reflectionKnobs } from '#loop/policy/reflection.ts';
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
	papers: [
		'https://arxiv.org/abs/2305.05181',
		'https://arxiv.org/abs/2310.15746',
		'https://arxiv.org/abs/2305.10250',
		'https://arxiv.org/abs/2310.08560',
	],
	knobs: {
		perKind: {
			kind: 'integer',
			label: 'Cases of a kind',
			help: 'How many solved tasks of each kind are remembered.',
			default: 6,
			min: 1,
			max: 64,
		},
		forgets: {
			kind: 'choice',
			label: 'Forgets first',
			help: 'unlikely: the answers that it found least likely; old: those that it has known longest; unused: those that were not in view for longest.',
			default: 'unlikely',
			options: ['unlikely', 'old', 'unused'],
		},
		...reflectionKnobs,
		alone: {
			kind: 'switch',
			label: 'Memory alone',
			help: 'Trains nothing: only what is remembered changes.',
			default: false,
		},
	},
	needs: [],
	create: ({ perKind, forgets, alone, ...reflecting }) => {
		return async (plan, refined, context) => {
			const inserted = refined.flatMap((one) => entryOf(one, context));
			const known = inView(context.policy.memory, refined, context.t);
			const cases = forget([...known, ...inserted], perKind, orders[forgets]);
			const memory = await reflected(cases, refined, reflecting, context);
			reportStep(context, address, memory.length, memory.length);
			return alone ? { kind: 'remember', memory } : { ...plan, memory };
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

/** Entries that stood before a task of the round are noted as used in it. */
function inView(memory: Memory, refined: readonly Experience[], t: number): Memory {
	const shown = new Set(
		refined
			.flatMap(({ rollouts }) => rollouts.filter(({ grounded }) => grounded === 'cases'))
			.flatMap(({ turns }) => turns.map(({ content }) => content)),
	);
	return memory.map((entry) =>
		entry.task !== undefined && shown.has(entry.task) && shown.has(entry.text)
			? { ...entry, used: t }
			: entry,
	);
}

/** What is remembered comes first; the newer of equals. */
const orders = {
	unlikely: (a, b) => (b.logprob ?? least) - (a.logprob ?? least) || b.t - a.t,
	old: (a, b) => b.t - a.t,
	unused: (a, b) => (b.used ?? b.t) - (a.used ?? a.t) || b.t - a.t,
} as const satisfies Record<string, (a: MemoryEntry, b: MemoryEntry) => number>;

/** Of each kind of experience the first `most` in the order given; in order of age. */
function forget(
	memory: Memory,
	most: number,
	order: (a: MemoryEntry, b: MemoryEntry) => number,
): Memory {
	const kept = new Set<MemoryEntry>();
	const kinds = new Set(memory.map(({ about }) => about));
	for (const kind of kinds) {
		const own = memory.filter(({ about }) => about === kind);
		for (const entry of own.toSorted(order).slice(0, most)) kept.add(entry);
	}
	return memory.filter((entry) => entry.kind !== 'experience' || kept.has(entry));
}
