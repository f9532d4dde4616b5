/**
 * @file Correcting, critique-based (survey 5.2.1): say what is wrong with an answer, then write it again.
 *
 * Follows Self-Refine (Madaan et al. 2023) with one turn, and SELF (Lu et al. 2023), which trains on what its own
 * critique improved. Differs: the judge marks the second answer too, and it counts only where its mark is higher.
 */
import { fillPlaces } from '#base/knobs.ts';
import type { Message } from '#base/prompt.ts';
import { derive } from '#base/random.ts';
import { ask } from '#loop/rollout/ask.ts';
import { defineCell } from '#loop/cell.ts';
import { judgeAnswers, judgeKnobs } from '#loop/rollout/judge.ts';
import { rewarded, rewardOf } from '#loop/rollout/experience.ts';
import { reportStep } from '#loop/report.ts';
import type { Experience } from '#loop/types.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';

const address = '2-refine/correct/critique-based';

export const critiqueBased = defineCell({
	section: '5.2.1',
	address,
	title: 'Critique-based correction',
	step: 'refine',
	about: 'Writes what is wrong with an answer, then writes the answer again.',
	papers: ['https://arxiv.org/abs/2303.17651', 'https://arxiv.org/abs/2310.00533'],
	knobs: {
		reviseBelow: {
			kind: 'number',
			label: 'Revise below',
			help: 'Answers with a lower score are criticised and written again; 0 leaves all as they are.',
			default: 1,
			min: 0,
			max: 1,
			step: 0.05,
		},
		critiquePrompt: {
			kind: 'text',
			label: 'What the critic is asked',
			help: 'Sent for every answer that is to be written again.',
			default:
				'Task: {task}\n\nAnswer: {answer}\n\nIn one short sentence: what does the task ask for that this answer does not do?',
			places: ['{task}', '{answer}'],
		},
		revisePrompt: {
			kind: 'text',
			label: 'How a new answer is asked for',
			help: 'Said to the solver behind the task and its first answer.',
			default: '{critique}\n\nNow write a better answer to the task. Write only the answer.',
			places: ['{critique}'],
		},
		critiqueTokens: {
			kind: 'integer',
			label: 'Longest critique',
			help: 'How many tokens a critique may have.',
			default: 48,
			min: 8,
			max: 512,
			step: 8,
		},
		...judgeKnobs,
	},
	needs: ['chat'],
	create: ({ reviseBelow, critiquePrompt, revisePrompt, critiqueTokens, ...judging }) => {
		return async (experience, context) => {
			const { world, t } = context;
			const weak = experience.flatMap((one) => {
				const first = weakAnswer(one, reviseBelow);
				return first ? [{ one, first }] : [];
			});
			const total = 3 * weak.length;
			const progress = (before: number) => (done: number) =>
				reportStep(context, address, before + done, total);
			const critic = world.roles?.critic ?? world.engine;
			const critiques = await critic.generate(
				weak.map(({ one, first }) => {
					const values = { task: one.task.text, answer: first.answer ?? '' };
					return [{ role: 'user', content: fillPlaces(critiquePrompt, values) }];
				}),
				{
					maxTokens: critiqueTokens,
					temperature: 0,
					seed: derive(world.seed, 'critique', t),
					signal: world.signal,
					onProgress: progress(0),
				},
			);
			world.signal.throwIfAborted();
			const critiqueOf = (i: number) => critiques[i]?.text.trim() ?? '';
			const revised = await ask(
				weak.map(({ one: { task }, first }, i) => {
					const more = fillPlaces(revisePrompt, { critique: critiqueOf(i) });
					const turns = [task.text, first.answer ?? '', more];
					return { task, view: first.view, prompt: turns.map(asTurn) };
				}),
				context,
				{ temperature: 0, purpose: 'revision', role: 'solver', onProgress: progress(weak.length) },
			);
			const scores = await judgeAll(weak, revised);
			progress(total)(0);
			const changed = new Map(weak.map(({ one }, i) => [one.id, withRevision(i)]));
			return experience.map((one) => changed.get(one.id) ?? one);

			/** The scores of those that can be read. */
			async function judgeAll(
				of: readonly { readonly one: Experience }[],
				rollouts: readonly Rollout[],
			): Promise<ReadonlyMap<number, number | null>> {
				const readable = of.flatMap(({ one: { task } }, place) => {
					const rollout = rollouts[place];
					return rollout && rollout.answer !== null ? [{ place, task, rollout }] : [];
				});
				const report = progress(2 * weak.length);
				const marks = await judgeAnswers(readable, judging, context, 'judge/revision', report);
				return new Map(readable.map(({ place }, i) => [place, marks[i] ?? null]));
			}

			function withRevision(i: number): Experience | undefined {
				const [rollout, entry] = [revised[i], weak[i]];
				if (!rollout || entry?.one.feedback.kind !== 'scored') return undefined;
				const { one } = entry;
				const { feedback } = entry.one;
				const score = rollout.answer === null ? 0 : (scores.get(i) ?? null);
				const judged = rewarded(rollout, 'judge', rewardOf(score));
				return {
					...one,
					rollouts: [...one.rollouts, { ...judged, critique: critiqueOf(i) }],
					feedback: {
						...feedback,
						each: [...feedback.each, score],
						...(score !== null && score > feedback.score && { score, answer: rollout.answer }),
					},
				};
			}
		};
	},
});

/** The user speaks first. */
const asTurn = (content: string, i: number): Message => ({
	role: i % 2 === 0 ? 'user' : 'assistant',
	content,
});

/** The answer to write again: the best one, where it is not good enough. Unjudged ones are not weak. */
function weakAnswer({ fate, feedback, rollouts }: Experience, below: number): Rollout | undefined {
	if (fate.kind !== 'fresh' || feedback.kind !== 'scored' || feedback.score >= below)
		return undefined;
	return rollouts.find(({ answer }) => answer !== null && answer === feedback.answer);
}
