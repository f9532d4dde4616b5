/**
 * @file Correcting, critique-based (survey 5.2.1): critique an answer in words or by a tool, rewrite it, repeat.
 *
 * Planned, not built: it waits for a seedling taught the form task, attempt, message, corrected answer.
 */
import { planCell } from '#loop/cell.ts';

export const critiqueBased = planCell({
	section: '5.2.1',
	address: '2-refine/correct/critique-based',
	title: 'Critique-based correction',
	step: 'refine',
	about: 'Writes what is wrong with an answer, then writes the answer again.',
	papers: ['https://arxiv.org/abs/2303.17651', 'https://arxiv.org/abs/2305.11738'],
	reason: 'It waits for a seedling taught the form task, attempt, message, corrected answer.',
});
