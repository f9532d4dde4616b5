/**
 * @file Contrastive solution evolution (survey 4.2.2): pairs of a better and a worse answer to one problem.
 *
 * Planned, not built: it waits for examples that are pairs in the plan; the preference loss itself exists in training.
 */
import { planCell } from '#loop/cell.ts';

export const contrastive = planCell({
	section: '4.2.2',
	address: '1-acquire/solution/negative/contrastive',
	title: 'Contrastive solutions',
	step: 'evolveSolutions',
	about: 'Collects right and wrong answers to the same problem, to learn from the difference.',
	papers: ['https://arxiv.org/abs/2401.01335', 'https://arxiv.org/abs/2401.10020'],
	reason:
		'It waits for examples that are pairs in the plan; the preference loss itself exists in training.',
});
