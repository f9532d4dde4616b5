/**
 * @file Re-try after the environment's words (survey 5.2.2): a problem that went wrong is tried again, with what the
 * interpreter said of the first answer in view.
 *
 * Follows Self-Debugging (Chen et al. 2023): no critique is written, the signal is what came out. Differs: the mended answer
 * is learnt under the plain prompt, and an environment that says nothing is asked again without words. Stands before the filter.
 */
import type { Prompt } from '#base/prompt.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import { ask, verdictOf, type Question } from '#loop/rollout/ask.ts';
import { defineCell } from '#loop/cell.ts';
import { rewarded } from '#loop/rollout/experience.ts';
import { reportStep } from '#loop/report.ts';
import { completionOf, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { wentWrong } from '../../fate.ts';

const address = '2-refine/correct/critique-free/retry';

export const retry = defineCell({
	section: '5.2.2',
	address,
	title: 'Another try',
	step: 'refine',
	about: 'Tries a problem that went wrong again, after reading what came out instead.',
	papers: ['https://arxiv.org/abs/2304.05128'],
	knobs: {
		retries: {
			kind: 'integer',
			label: 'Tries',
			help: 'How many more answers may be given to a problem, each after what is said of the one before.',
			default: 2,
			min: 1,
			max: 8,
		},
		again: {
			kind: 'integer',
			label: 'Samples',
			help: 'How many such attempts are made side by side; the first right one counts.',
			default: 2,
			min: 1,
			max: 16,
		},
		retryTemperature: {
			kind: 'number',
			label: 'Freedom of tries',
			help: 'Temperature of the tries; at 0 a problem about which nothing is said is answered as before.',
			default: 0.7,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['score'],
	create: ({ retries, again, retryTemperature }) => {
		return async (experience, context) => {
			const { world } = context;
			const { environment } = world;
			const tries: Try[] = [];
			for (const one of experience.filter(wentWrong))
				for (let sample = 0; sample < again; sample++) {
					const [first] = one.rollouts;
					if (first) tries.push(await tryAgain(one, first, environment));
				}
			const answers = await ask(
				tries.map(({ question }) => question),
				context,
				{
					...{ temperature: retryTemperature, turns: retries, purpose: 'retry', role: 'solver' },
					onProgress: (done) => reportStep(context, address, done, tries.length),
				},
			);
			const mended = new Map<string, Experience>();
			for (const [i, { one, said }] of tries.entries()) {
				const rollout = answers[i];
				if (!rollout || mended.has(one.id) || one.feedback.kind === 'unjudged') continue;
				const verdict = await verdictOf(environment, one.task, rollout, world.signal);
				if (verdict.kind !== 'correct') continue;
				const judged = rewarded(rollout, 'verifier', { value: 1, weight: 1 });
				const each = [...one.feedback.each, 1];
				mended.set(one.id, {
					...one,
					rollouts: [...one.rollouts, said === null ? judged : { ...judged, critique: said }],
					feedback: { ...one.feedback, score: 1, answer: rollout.answer, each },
				});
			}
			reportStep(context, address, tries.length, tries.length);
			return experience.map((one) => mended.get(one.id) ?? one);
		};
	},
});

interface Try {
	readonly one: Experience;
	readonly question: Question;
	/** What the environment says of the first answer; null if it says nothing. */
	readonly said: string | null;
}

/** The question behind a wrong answer and what is said of it; the plain one where nothing is. */
async function tryAgain(
	one: Experience,
	{ view, ...rollout }: Rollout,
	environment: EnvironmentFor<never>,
): Promise<Try> {
	const { task } = one;
	const dialogue = environment.open(task.item, view);
	const first = dialogue.first();
	const content = completionOf(rollout);
	const prompt = await dialogue.next({ role: 'assistant', content }).catch(() => null);
	return prompt === null
		? { one, question: { task, view, prompt: first }, said: null }
		: {
				one,
				question: { task, view, prompt, begin: () => dialogue },
				said: addedBy(prompt, first, content),
			};
}

/** What stands in a prompt beyond the first one and the answer to it. */
const addedBy = (prompt: Prompt, first: Prompt, answer: string): string =>
	typeof prompt === 'string'
		? prompt.slice((typeof first === 'string' ? first.length : 0) + answer.length)
		: (prompt.at(-1)?.content ?? '');
