/**
 * @file Knowledge-based task evolution (survey 4.1): problems whose facts come from a body of knowledge.
 *
 * Planned, not built: it waits for an environment whose problems draw on a table of facts.
 */
import { planCell } from '#loop/cell.ts';

export const knowledgeBased = planCell({
	section: '4.1',
	address: '1-acquire/task/knowledge-based',
	title: 'Knowledge-based tasks',
	step: 'evolveTasks',
	about: 'Makes up problems from outside knowledge: a table of facts, a text, a rule book.',
	papers: ['https://arxiv.org/abs/2305.03047', 'https://arxiv.org/abs/2305.14233'],
	reason: 'It waits for an environment whose problems draw on a table of facts.',
});
