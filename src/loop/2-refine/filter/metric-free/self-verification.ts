/**
 * @file Self-verification (survey 5.1.2): an answer is kept if its question can be recovered from it.
 *
 * After Weng et al. 2022, who ask a model backwards for what was given. Differs: nothing is generated. The policy reads the
 * answer, and its own question must be likelier after it than other questions of the round are, each measured against how
 * likely it is after other answers (the prior, as in Zhao et al. 2021). No part of this is told the truth.
 */
import { fillPlaces } from '#base/knobs.ts';
import type { Prompt } from '#base/prompt.ts';
import { derive, random } from '#base/random.ts';
import { shownPrompt } from '#base/prompt.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { completionOf, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';
import { answererOf, candidatesOf, narrow } from '../../narrow.ts';

const address = '2-refine/filter/metric-free/self-verification';

export const selfVerification = defineCell({
	section: '5.1.2',
	address,
	title: 'Self-verification',
	step: 'refine',
	about: 'Keeps an answer if the model can tell from it which question was asked.',
	papers: ['https://arxiv.org/abs/2212.09561', 'https://arxiv.org/abs/2102.09690'],
	knobs: {
		against: {
			kind: 'integer',
			label: 'Other questions',
			help: 'With how many other questions of the same difficulty and round its own is compared.',
			default: 4,
			min: 1,
			max: 32,
		},
		recovered: {
			kind: 'number',
			label: 'Must be recovered',
			help: 'Share of the other questions that must fit the answer worse than its own does; chance is one half.',
			default: 0.75,
			min: 0,
			max: 1,
			step: 0.05,
		},
		backPrompt: {
			kind: 'text',
			label: 'How it is asked backwards',
			help: 'Read before a question in a chat; a seedling reads its answer alone.',
			default: 'Here is an answer:\n\n{answer}\n\nWhich task does it answer? Write only the task.',
			places: ['{answer}'],
		},
	},
	needs: [],
	create: ({ against, recovered, backPrompt }) => {
		return async (experience, context) => {
			const { world, t } = context;
			const { environment } = world;
			const shares = new Map<Experience, number>();
			const asked = experience.flatMap((one) => {
				const rollout = answererOf(one);
				return rollout ? [{ one, ...backwards(one, rollout, environment, backPrompt) }] : [];
			});
			const stream = random(derive(world.seed, 'self-verification', t));
			for (const difficulty of new Set(asked.map(({ one }) => one.task.difficulty))) {
				const ring = stream.shuffle(asked.filter(({ one }) => one.task.difficulty === difficulty));
				const others = Math.min(against, ring.length - 1);
				// Row i: the questions i, i + 1 … after the answer i; so each question is read after other answers as well.
				const pairs = ring.flatMap(({ prompt }, i) =>
					Array.from({ length: others + 1 }, (_, k) => {
						const completion = ring[(i + k) % ring.length]?.question ?? '';
						return { prompt, completion };
					}),
				);
				const scores = await world.engine.score(pairs, { signal: world.signal });
				world.signal.throwIfAborted();
				const at = (i: number, k: number): number => {
					const place = ((i + ring.length) % ring.length) * (others + 1) + k;
					return mean([...(scores[place] ?? [])]);
				};
				const fit = (i: number, k: number): number => {
					const question = i + k;
					return (
						at(i, k) - mean(Array.from({ length: others }, (_, j) => at(question - j - 1, j + 1)))
					);
				};
				ring.forEach(({ one }, i) => {
					const own = fit(i, 0);
					const worse = Array.from({ length: others }, (_, k) => fit(i, k + 1)).filter(
						(other) => other < own,
					);
					shares.set(one, others === 0 ? 1 : worse.length / others);
				});
				reportStep(context, address, shares.size, asked.length);
			}
			return experience.map((one) => {
				const share = shares.get(one) ?? 0;
				const answer = answererOf(one)?.answer;
				const good =
					share < recovered - 1e-9
						? []
						: candidatesOf(one).filter((rollout) => rollout.answer === answer);
				const reason =
					answer === undefined
						? 'no answer is well-formed'
						: `its question fits better than ${Math.round(100 * share)} % of the others`;
				return narrow(one, good, address, reason, environment);
			});
		};
	},
});

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The answer as what is read, and its question as what should follow. */
function backwards(
	{ task }: Experience,
	rollout: Rollout,
	environment: EnvironmentFor<never>,
	backPrompt: string,
): { readonly prompt: Prompt; readonly question: string } {
	const first = environment.open(task.item, rollout.view).first();
	if (typeof first !== 'string') {
		const content = fillPlaces(backPrompt, { answer: rollout.answer ?? '' });
		return { prompt: [{ role: 'user', content }], question: task.text };
	}
	const mark = environment.answers?.endMark ?? '';
	const said = completionOf(rollout);
	const answer = mark !== '' && said.endsWith(mark) ? said.slice(0, -mark.length) : said;
	return { prompt: answer === '' ? said : answer, question: shownPrompt(first) };
}
