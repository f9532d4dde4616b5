/**
 * @file Quantitative evaluation (survey 7.1): right answers out of n, on problems that are never trained on.
 *
 * The same sealed problems in every round, one greedy answer each. In full (everything first taught) before
 * the first round and after the last, in between around what is practised. The entrance examination says where
 * to begin: one step past what is mastered. From then on what comes next is decided without the truth: one
 * step harder when enough was kept, as in Lee et al. 2025, else the same again. Other environments that a run names
 * are examined less often, since each costs as much again.
 */
import { defineCell } from '#loop/cell.ts';
import { examination, examinationKnobs } from './examination.ts';

const address = '4-evaluate/quantitative';

export const quantitative = defineCell({
	section: '7.1',
	address,
	title: 'Quantitative evaluation',
	step: 'evaluate',
	about:
		'Counts right answers to problems kept under seal, and decides whether to go one step harder.',
	papers: ['https://arxiv.org/abs/2306.05685', 'https://arxiv.org/abs/2502.01612'],
	knobs: examinationKnobs,
	needs: ['score'],
	create: (knobs) => (refined, context) => examination(knobs, address, refined, context),
});
