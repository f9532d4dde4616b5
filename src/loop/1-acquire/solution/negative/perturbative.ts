/**
 * @file Perturbative solution evolution (survey 4.2.2): wrong answers made on purpose, with the kind of fault known.
 *
 * Planned, not built: it waits for examples that are pairs in the plan, and for environments that can spoil an answer.
 */
import { planCell } from '#loop/cell.ts';

export const perturbative = planCell({
	section: '4.2.2',
	address: '1-acquire/solution/negative/perturbative',
	title: 'Perturbative solutions',
	step: 'evolveSolutions',
	about: 'Spoils good answers on purpose, in a known way, to learn what to avoid.',
	papers: ['https://arxiv.org/abs/2307.12950', 'https://arxiv.org/abs/2402.11907'],
	reason:
		'It waits for examples that are pairs in the plan, and for environments that can spoil an answer.',
});
