/**
 * @file Selection by diversity (survey 4.1, selective tasks): of a fixed pool the problems that are least like one another.
 *
 * Follows DiverseEvol (Wu et al. 2023): K-center sampling, each next problem the one farthest from all chosen so far. Differs:
 * distance is that of the problems' pairs of characters instead of the model's hidden states, which engines do not give.
 */
import { derive } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { poolKnobs, shuffledPool } from '#loop/pool.ts';
import { reportStep } from '#loop/report.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/selective/diversity';

export const diversity = defineCell({
	section: '4.1',
	address,
	title: 'Tasks by diversity',
	step: 'evolveTasks',
	about: 'Chooses of a pool the problems that are least like one another.',
	papers: ['https://arxiv.org/abs/2311.08182'],
	knobs: {
		...poolKnobs,
		compared: {
			kind: 'integer',
			label: 'Candidates',
			help: 'How many problems of the pool are compared in a round.',
			default: 800,
			min: 1,
			max: 5000,
			step: 50,
		},
	},
	needs: [],
	create: ({ selected, compared, ...pool }) => {
		return (context) => {
			context.world.signal.throwIfAborted();
			const candidates = shuffledPool(pool, context).slice(0, compared);
			const chosen = farthest(candidates, Math.min(selected, candidates.length));
			reportStep(context, address, chosen.length, chosen.length);
			return Promise.resolve(chosen);
		};
	},
});

/** The first candidate, then always the one whose nearest chosen one is farthest away; ties in their order. */
function farthest(candidates: readonly Task[], count: number): readonly Task[] {
	const vectors = candidates.map(({ text }) => vectorOf(text));
	const nearest = candidates.map(() => Infinity);
	const chosen: Task[] = [];
	let next = 0;
	while (chosen.length < count) {
		const [task, vector] = [candidates[next], vectors[next]];
		if (!task || !vector) break;
		chosen.push(task);
		nearest[next] = -1;
		let best = -1;
		for (const [i, other] of vectors.entries()) {
			const before = nearest[i] ?? -1;
			if (before < 0) continue;
			const distance = Math.min(before, 1 - dot(vector, other));
			nearest[i] = distance;
			if (best < 0 || distance > (nearest[best] ?? 0)) best = i;
		}
		next = best;
	}
	return chosen;
}

/** Places of the counted pairs. */
const size = 128;

/** Counts of the pairs of neighbouring characters, hashed to places, of length 1. */
function vectorOf(text: string): Float32Array {
	const vector = new Float32Array(size);
	const padded = ` ${text} `;
	for (let i = 0; i + 1 < padded.length; i++) {
		const place = derive(0, padded.slice(i, i + 2)) % size;
		vector[place] = (vector[place] ?? 0) + 1;
	}
	const length = Math.sqrt(dot(vector, vector));
	return vector.map((count) => count / length);
}

function dot(a: Float32Array, b: Float32Array): number {
	let sum = 0;
	for (let i = 0; i < size; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
	return sum;
}
