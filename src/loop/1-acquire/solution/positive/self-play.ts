/**
 * @file Self-play solution evolution (survey 4.2.1): copies of the model in alternating roles, judged by the outcome.
 *
 * Planned, not built: it waits for a two-player environment with exact rules.
 */
import { planCell } from '#loop/cell.ts';

export const selfPlay = planCell({
	section: '4.2.1',
	address: '1-acquire/solution/positive/self-play',
	title: 'Self-play solutions',
	step: 'evolveSolutions',
	about: 'Lets copies of the model play roles against or with each other.',
	papers: ['https://arxiv.org/abs/2403.08715', 'https://arxiv.org/abs/2401.12474'],
	reason: 'It waits for a two-player environment with exact rules.',
});
