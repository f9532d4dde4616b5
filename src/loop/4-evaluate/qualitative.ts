/**
 * @file Qualitative evaluation (survey 7.2): the same examination, and in words what goes wrong in it, which says what to
 * practise next.
 *
 * Errors are clustered by their first wrong step, which the environment knows, where TRAN (Yang et al. 2023) and
 * ChatEval (Chan et al. 2023) let a large model describe them: no model judges itself here. Without known faults they are
 * clustered by kind of task. If it steers, sealed problems decide what is practised after each round, not only before
 * the first one; none of them is ever trained on.
 */
import { kindOf } from '#environments/tasks.ts';
import { defineCell } from '#loop/cell.ts';
import type { Context } from '#loop/types.ts';
import { examination, examinationKnobs } from './examination.ts';
import type { Describe } from './examine.ts';
import { findingsOf, steered } from './findings.ts';
import { refusalOf } from './invariants.ts';

const address = '4-evaluate/qualitative';

export const qualitative = defineCell({
	section: '7.2',
	address,
	title: 'Qualitative evaluation',
	step: 'evaluate',
	about: 'Says in words what goes wrong most often, and practises that next.',
	papers: [
		'https://arxiv.org/abs/2310.15746',
		'https://arxiv.org/abs/2308.07201',
		'https://arxiv.org/abs/2306.05685',
	],
	knobs: {
		...examinationKnobs,
		named: {
			kind: 'integer',
			label: 'Faults named',
			help: 'How many kinds of error are named, the most frequent ones.',
			default: 3,
			min: 1,
			max: 12,
		},
		steers: {
			kind: 'switch',
			label: 'Steers',
			help: 'The next round practises the easiest difficulty that is not mastered, and more of what fails most; off goes by what was kept.',
			default: true,
		},
		never: {
			kind: 'text',
			label: 'Never again',
			help: 'Faults by name, with commas between, that must not come into what is mastered: an update that brings one there is undone. none holds nothing; an environment says which faults it knows.',
			default: 'none',
			places: [],
		},
	},
	needs: ['score', 'faults?'],
	create: ({ named, steers, never, ...knobs }) => {
		return async (refined, context) => {
			const { environment } = context.world;
			const made = await examination(knobs, address, refined, context, {
				describe: describerOf(environment),
				refuses: refusalOf(never, environment.faults),
			});
			const { score } = made.report;
			const findings = findingsOf(score, environment.words, named);
			return {
				...made,
				report: { score: findings.length > 0 ? { ...score, findings } : score },
				...(steers && { objective: steered(made, context, knobs.stride) }),
			};
		};
	},
});

/** Names the fault of an answer as far as the environment knows it. */
function describerOf({ faults, tasks }: Context<'faults?'>['world']['environment']): Describe {
	return ({ task, rollout: { answer }, verdict }) => {
		if (verdict.kind === 'malformed' || answer === null)
			return { fault: `gives no answer that counts (${reasonOf(verdict)})` };
		const fault = faults?.find(task.item, answer);
		if (!fault) return { fault: 'answers wrongly', at: `(${kindOf(tasks, task.item)})` };
		const words = faults?.ways[fault.way] ?? fault.way;
		return { fault: words, ...(fault.at !== undefined && { at: fault.at }) };
	};
}

/** Without the numbers and marks of this one answer. */
const reasonOf = (verdict: Parameters<Describe>[0]['verdict']): string =>
	'reason' in verdict
		? verdict.reason.replace(/\d+/g, '…').replace(/ \S$/, ' …')
		: 'it has no answer';
