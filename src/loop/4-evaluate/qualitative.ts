/**
 * @file Qualitative evaluation (survey 7.2): findings in words that shape the next objective.
 *
 * Planned, not built: it waits for an engine with a model large enough to describe errors.
 */
import { planCell } from '#loop/cell.ts';

export const qualitative = planCell({
	section: '7.2',
	address: '4-evaluate/qualitative',
	title: 'Qualitative evaluation',
	step: 'evaluate',
	about: 'Describes in words what goes wrong, to steer the next round.',
	papers: ['https://arxiv.org/abs/2308.07201', 'https://arxiv.org/abs/2306.05685'],
	reason: 'It waits for an engine with a model large enough to describe errors.',
});
