/**
 * @file Rationale-based solution evolution (survey 4.2.1): the model works each problem out, several times.
 *
 * Follows LMSI (Huang et al. 2022) for many samples of one problem. Differs: besides sampling it asks
 * in several *views* of a problem (other letters, other order), since a greedy answer repeated tells nothing new,
 * and it stops asking where the answers can no longer agree, which saves up to half of the work.
 */
import { derive, random } from '#base/random.ts';
import { agree, mostCommon, neededOf } from '#loop/rollout/agreement.ts';
import { ask, questionOf } from '#loop/rollout/ask.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';

const address = '1-acquire/solution/positive/rationale-based';

export const rationaleBased = defineCell({
	section: '4.2.1',
	address,
	title: 'Rationale-based solutions',
	step: 'evolveSolutions',
	about: 'Works each problem out step by step, more than once, written in different ways.',
	papers: ['https://arxiv.org/abs/2210.11610', 'https://arxiv.org/abs/2203.14465'],
	knobs: {
		views: {
			kind: 'integer',
			label: 'Views',
			help: 'In how many ways each problem is written down and answered.',
			default: 5,
			min: 1,
			max: 9,
		},
		samples: {
			kind: 'integer',
			label: 'Samples',
			help: 'How many answers are sampled in each view; more than one needs a temperature.',
			default: 1,
			min: 1,
			max: 64,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely answers are sampled; 0 always takes the likeliest token.',
			default: 0,
			min: 0,
			max: 2,
			step: 0.05,
		},
		early: {
			kind: 'switch',
			label: 'Give up early',
			help: 'Stop asking a problem whose answers can no longer agree; saves up to half of the work.',
			default: false,
		},
		agree,
	},
	needs: [],
	create: ({ views, samples, temperature, early, agree: share }) => {
		return async (tasks, context) => {
			const { world, t } = context;
			const { environment } = world;
			const sheets = tasks.map((task) => {
				const stream = random(derive(world.seed, 'views', t, task.id));
				return { task, views: environment.tasks.views(task.item, views, stream) };
			});
			const rollouts = sheets.map((): Rollout[] => []);
			const total = tasks.length * views * samples;
			let open = [...sheets.keys()];
			for (let v = 0; v < views; v++) {
				// What was given up counts as done.
				const done = total - open.length * (views - v) * samples;
				const places: number[] = [];
				const questions = open.flatMap((place) => {
					const sheet = sheets[place];
					const view = sheet?.views[v];
					if (!sheet || !view) return [];
					return Array.from({ length: samples }, () => {
						places.push(place);
						return questionOf(environment, sheet.task, view);
					});
				});
				const answers = await ask(questions, context, {
					temperature,
					purpose: `solutions/${v}`,
					role: 'solver',
					onProgress: (n) => reportStep(context, address, done + n, total),
				});
				answers.forEach((rollout, i) => rollouts[places[i] ?? 0]?.push(rollout));
				if (early)
					open = open.filter((place) => {
						const asked = (sheets[place]?.views.length ?? 0) * samples;
						return canStillAgree(rollouts[place] ?? [], asked, neededOf(share, asked));
					});
			}
			reportStep(context, address, total, total);
			return sheets.map(({ task }, i) => ({ task, rollouts: rollouts[i] ?? [] }));
		};
	},
});

function canStillAgree(rollouts: readonly Rollout[], asked: number, needed: number): boolean {
	const { count } = mostCommon(rollouts.map((rollout) => rollout.answer));
	return count + asked - rollouts.length >= needed;
}
