/**
 * @file Update in weights by replay (survey 6.1.1, experience and generative replay): old skills are practised beside the
 * new.
 *
 * The mixture of Lee et al. 2025: one part of every batch from the newest round, the rest shared between what
 * the model was first taught and what it learned since. Differs: equal weight per difficulty, and the first
 * lessons are drawn anew, with their true answers, as the seedling's own lessons were. `retold` replays what the model
 * says itself of such problems (SSR, SDFT), `plain` what it writes of its own accord (LAMOL).
 */
import { defineCell } from '#loop/cell.ts';
import type { Example } from '#loop/example.ts';
import { reportStep } from '#loop/report.ts';
import type { Context } from '#loop/types.ts';
import { oldFrom, oldSkills } from '../old-skills.ts';
import { newest } from '../plan.ts';
import { plainTexts } from '../plain-text.ts';
import { retold } from '../retelling.ts';

const address = '3-update/in-weight/replay';

export const replay = defineCell({
	section: '6.1.1',
	address,
	title: 'Replay',
	step: 'update',
	about: 'Practises what it could do before beside what is new, so that it does not forget.',
	papers: [
		'https://arxiv.org/abs/2502.01612',
		'https://arxiv.org/abs/2403.01244',
		'https://arxiv.org/abs/2402.13669',
		'https://arxiv.org/abs/1909.03329',
	],
	knobs: {
		share: {
			kind: 'number',
			was: 'replayShare',
			label: 'Old in a batch',
			help: 'Share of every batch that comes from before this round.',
			default: 0.5,
			min: 0,
			max: 0.95,
			step: 0.05,
		},
		repeats: {
			kind: 'integer',
			label: 'New at most',
			help: 'How often each new example may be drawn in a round; when few are new, the old fill the batch.',
			default: 24,
			min: 1,
			max: 10_000,
		},
		source: {
			kind: 'choice',
			was: 'replayFrom',
			label: 'Old is',
			help: 'base: what the model was first taught; rounds: what it kept since; both: both, by difficulty; retold: its own answers to problems like the first; plain: texts that the base model writes of its own accord, if it can chat.',
			default: 'both',
			options: [...oldFrom, 'retold', 'plain'],
		},
		lessons: {
			kind: 'integer',
			was: 'replayProblems',
			label: 'First lessons',
			help: 'How many problems of each difficulty of the first lessons are drawn again each round, or how many plain texts.',
			default: 256,
			min: 1,
			max: 10_000,
			step: 64,
		},
	},
	needs: [],
	create: ({ share, repeats, source, lessons }) => {
		return async (plan, _refined, context) => {
			context.world.signal.throwIfAborted();
			if (plan.kind !== 'train' || share === 0) return plan;
			// Nothing new was learned: there is nothing to hold the old against.
			if (plan.mixture.every((part) => part.examples.length === 0)) return plan;
			const old = await oldOf(source, lessons, context);
			const difficulties = [...new Set(old.map((example) => example.difficulty))].sort(
				(a, b) => a - b,
			);
			reportStep(context, address, old.length, old.length);
			if (difficulties.length === 0) return plan;
			return {
				...plan,
				mixture: [
					...plan.mixture.map((part) =>
						part.name === newest ? { ...part, share: part.share * (1 - share), repeats } : part,
					),
					...difficulties.map((difficulty) => ({
						name: `replay/${difficulty}`,
						share: share / difficulties.length,
						examples: old.filter((example) => example.difficulty === difficulty),
					})),
				],
			};
		};
	},
});

function oldOf(
	source: (typeof oldFrom)[number] | 'retold' | 'plain',
	count: number,
	context: Context,
): Promise<readonly Example[]> {
	switch (source) {
		case 'retold':
			return retold(count, context);
		case 'plain':
			return plainTexts(count, context, (done) => reportStep(context, address, done, count));
		default:
			return oldSkills(source, count, context);
	}
}
