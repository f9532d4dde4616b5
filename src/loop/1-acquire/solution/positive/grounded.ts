/**
 * @file Grounded solution evolution (survey 4.2.1): retrieve rules or past cases, put them in context, solve.
 *
 * Planned, not built: it waits for external memory and a seedling taught to read solved examples before its task.
 */
import { planCell } from '#loop/cell.ts';

export const grounded = planCell({
	section: '4.2.1',
	address: '1-acquire/solution/positive/grounded',
	title: 'Grounded solutions',
	step: 'evolveSolutions',
	about: 'Looks up rules or solved cases first and solves with them in view.',
	papers: ['https://arxiv.org/abs/2305.03047', 'https://arxiv.org/abs/2305.05181'],
	reason:
		'It waits for external memory and a seedling taught to read solved examples before its task.',
});
