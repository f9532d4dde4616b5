/**
 * @file Interactive solution evolution (survey 4.2.1): act, observe, revise, until success or the budget ends.
 *
 * Planned, not built: it waits for an environment that answers in the middle of a solution.
 */
import { planCell } from '#loop/cell.ts';

export const interactive = planCell({
	section: '4.2.1',
	address: '1-acquire/solution/positive/interactive',
	title: 'Interactive solutions',
	step: 'evolveSolutions',
	about: 'Solves in several turns: acts, reads what the environment says, tries again.',
	papers: ['https://arxiv.org/abs/2306.02907', 'https://arxiv.org/abs/2304.05128'],
	reason: 'It waits for an environment that answers in the middle of a solution.',
});
