/**
 * @file Filtering, metric-free (survey 5.1.2): keep a problem when the model's own answers agree.
 *
 * Follows LMSI (Huang et al. 2022) and the majority vote of Lee et al. 2025. Differs: votes come from views of
 * one problem, not from several models. `agreement: off` is the ablation: every well-formed first answer is kept. Short
 * answers can be set aside, as in Lee et al., whose models leave out digits of longer sums.
 */
import { agree, mostCommon } from '#loop/rollout/agreement.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import type { Experience } from '#loop/types.ts';
import { keep, setAside, textExamples } from '../fate.ts';

const address = '2-refine/filter/metric-free';

export const metricFree = defineCell({
	section: '5.1.2',
	address,
	title: 'Metric-free filter',
	step: 'refine',
	about: 'Keeps an answer when the model gives it again however the problem is written.',
	papers: ['https://arxiv.org/abs/2210.11610', 'https://arxiv.org/abs/2502.01612'],
	knobs: {
		agreement: {
			kind: 'switch',
			label: 'Filter',
			help: 'Off keeps every well-formed first answer, true or not: see what the filter is for.',
			default: true,
		},
		agree,
		keeps: {
			kind: 'choice',
			label: 'Learn from',
			help: 'answer: the agreed answer, written anew at each draw; paths: every answer that reached it, as written.',
			default: 'answer',
			options: ['answer', 'paths'],
		},
		shorter: {
			kind: 'integer',
			label: 'Shorter by',
			help: 'An answer with so many characters fewer than the longest of its difficulty in the round is set aside; 0 is off.',
			default: 0,
			min: 0,
			max: 1000,
		},
	},
	needs: [],
	create: ({ agreement, agree: share, keeps, shorter }) => {
		return (experience, context) => {
			const { environment } = context.world;
			context.world.signal.throwIfAborted();
			const refined = experience.map((each): Experience => {
				if (each.fate.kind === 'set-aside') return each;
				const one = agreement ? each : takeAtItsWord(each);
				const { task, rollouts, feedback } = one;
				if (feedback.kind === 'unjudged')
					return setAside(one, address, `unjudged: ${feedback.reason}`);
				const { answer, score } = feedback;
				if (answer === null)
					return setAside(one, address, rollouts[0]?.malformed ?? 'no answer is well-formed');
				if (agreement && score < share - 1e-9) {
					const { count } = mostCommon(rollouts.map((rollout) => rollout.answer));
					return setAside(one, address, `${count} of ${rollouts.length} answers agree`);
				}
				const paths = rollouts.filter(
					(rollout, i) =>
						rollout.answer === answer && rollout.side !== 'rejected' && (agreement || i === 0),
				);
				return keep(
					one,
					keeps === 'answer'
						? [{ kind: 'answer', item: task.item, difficulty: task.difficulty, answer }]
						: textExamples(task, paths, environment),
				);
			});
			reportStep(context, address, refined.length, refined.length);
			return Promise.resolve(shorter > 0 ? withoutShort(refined, shorter) : refined);
		};
	},
});

/** Without the filter the first answer is the label, so the feedback has to be about that one. */
function takeAtItsWord(one: Experience): Experience {
	const { rollouts, feedback } = one;
	if (feedback.kind === 'unjudged') return one;
	const answer = rollouts[0]?.answer ?? null;
	const each = rollouts.map((rollout, i) =>
		feedback.each[i] === null ? null : Number(answer !== null && rollout.answer === answer),
	);
	const judged = each.filter((score) => score !== null);
	if (judged.length === 0) return one;
	const score = judged.reduce((sum, value) => sum + value, 0) / judged.length;
	return { ...one, feedback: { ...feedback, score, answer, each } };
}

/** Sets aside what is kept with an answer that lacks `by` characters or more of the longest of its difficulty. */
function withoutShort(refined: readonly Experience[], by: number): readonly Experience[] {
	const lengthOf = ({ feedback, fate }: Experience): number =>
		fate.kind === 'kept' && feedback.kind === 'scored' ? (feedback.answer ?? '').length : 0;
	const longest = new Map<number, number>();
	for (const one of refined) {
		const { difficulty } = one.task;
		longest.set(difficulty, Math.max(longest.get(difficulty) ?? 0, lengthOf(one)));
	}
	return refined.map((one) => {
		const missing = (longest.get(one.task.difficulty) ?? 0) - lengthOf(one);
		return one.fate.kind === 'kept' && missing >= by
			? setAside(one, address, `${missing} characters shorter than the longest answer`)
			: one;
	});
}
