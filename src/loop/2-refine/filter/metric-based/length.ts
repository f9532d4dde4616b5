/**
 * @file Length filter (survey 5.1.1, a metric that needs no verifier): answers much shorter or longer than others of their
 * difficulty are set aside.
 *
 * Follows Self-Instruct (Wang et al. 2022), which drops instances that are too short or too long, and Lee et al. 2025, whose
 * models leave out digits of longer sums. Differs: both limits are shares of the median of the round, so that one setting
 * fits digits and sentences.
 */
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { candidatesOf, narrow } from '../../narrow.ts';

const address = '2-refine/filter/metric-based/length';

export const lengthFilter = defineCell({
	section: '5.1.1',
	address,
	title: 'Length filter',
	step: 'refine',
	about: 'Sets aside answers that are much shorter or longer than others of the same difficulty.',
	papers: ['https://arxiv.org/abs/2212.10560', 'https://arxiv.org/abs/2502.01612'],
	knobs: {
		shortest: {
			kind: 'number',
			label: 'Shortest',
			help: 'Shortest answer that is kept, as a share of the median length of its difficulty in the round; 0 sets no limit.',
			default: 0.5,
			min: 0,
			max: 1,
			step: 0.05,
		},
		longest: {
			kind: 'number',
			label: 'Longest',
			help: 'Longest answer that is kept, in medians of its difficulty in the round; 0 sets no limit.',
			default: 2,
			min: 0,
			max: 20,
			step: 0.25,
		},
	},
	needs: [],
	create: ({ shortest, longest }) => {
		return (experience, context) => {
			const { world } = context;
			world.signal.throwIfAborted();
			const medians = mediansOf(experience);
			const refined = experience.map((one) => {
				const median = medians.get(one.task.difficulty) ?? 0;
				const [least, most] = [shortest * median, longest === 0 ? Infinity : longest * median];
				const good = candidatesOf(one).filter((rollout) => {
					const length = lengthOf(rollout);
					return length >= least && length <= most;
				});
				const reason = `no answer is ${said(least)} to ${said(most)} characters long`;
				return narrow(one, good, address, reason, world.environment);
			});
			reportStep(context, address, refined.length, refined.length);
			return Promise.resolve(refined);
		};
	},
});

const said = (length: number): string =>
	Number.isFinite(length) ? String(Number(length.toFixed(1))) : 'any number of';

const lengthOf = ({ answer }: Rollout): number => (answer ?? '').length;

/** Median length of the answers of each difficulty that were not set aside. */
function mediansOf(experience: readonly Experience[]): ReadonlyMap<number, number> {
	const lengths = new Map<number, number[]>();
	for (const one of experience) {
		if (one.fate.kind === 'set-aside') continue;
		const { difficulty } = one.task;
		lengths.set(difficulty, [
			...(lengths.get(difficulty) ?? []),
			...candidatesOf(one).map(lengthOf),
		]);
	}
	return new Map(
		[...lengths].map(([difficulty, all]) => {
			const sorted = all.toSorted((a, b) => a - b);
			const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
			return [difficulty, ((sorted[low] ?? 0) + (sorted[high] ?? 0)) / 2];
		}),
	);
}
