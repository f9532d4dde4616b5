/**
 * @file Update in context by working memory (survey 6.2): a verbal state that the next attempt begins with.
 *
 * Planned, not built: it waits for a model that follows notes in its prompt; the seedlings cannot yet.
 */
import { planCell } from '#loop/cell.ts';

export const workingMemory = planCell({
	section: '6.2',
	address: '3-update/in-context/working-memory',
	title: 'Working memory',
	step: 'update',
	about: 'Changes no weights: keeps a running note of what was learned from the last attempts.',
	papers: ['https://arxiv.org/abs/2303.11366', 'https://arxiv.org/abs/2403.02757'],
	reason: 'It waits for a model that follows notes in its prompt; the seedlings cannot yet.',
});
