/**
 * @file Update in context by external memory (survey 6.2): insert, reflect on and forget experience outside the weights.
 *
 * Planned, not built: it waits for a model that makes use of examples in its prompt; the seedlings cannot yet.
 */
import { planCell } from '#loop/cell.ts';

export const externalMemory = planCell({
	section: '6.2',
	address: '3-update/in-context/external-memory',
	title: 'External memory',
	step: 'update',
	about: 'Changes no weights: writes experience to a memory that later answers read.',
	papers: ['https://arxiv.org/abs/2305.05181', 'https://arxiv.org/abs/2310.15746'],
	reason:
		'It waits for a model that makes use of examples in its prompt; the seedlings cannot yet.',
});
