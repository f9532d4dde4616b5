/** @file Sentences as people read them; no jargon, real counts only. */
import type { Environment } from '#environments/environment.ts';
import type { Phase } from '#loop/types.ts';
import { outcomeOf, rightOfBoth } from '#runs/measure/outcome.ts';
import type { UndoneScore } from '#runs/measure/accepted.ts';
import type { Tally } from '#runs/measure/share.ts';
import { language, said, t } from '../language/language.svelte.ts';
import { count, percent, range, timeWords } from '../language/numbers.ts';
import type { World } from '../state/world.svelte.ts';
import { amountOf, many, nounsOf } from './amounts.ts';

export { count, many, percent, range };

/** `2:05` */
export const clock = (ms: number): string =>
	`${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

export const phaseWords: Readonly<Record<Phase, string>> = {
	get acquire() {
		return t('phase.acquire');
	},
	get refine() {
		return t('phase.refine');
	},
	get update() {
		return t('phase.update');
	},
	get evaluate() {
		return t('phase.evaluate');
	},
};

/**
 * The frontier now, and the next difficulty. `told`: the method learns from the truth; `phase` null leaves out what
 * changes within a round.
 */
export function headline(
	world: World,
	environment: Environment | undefined,
	told: boolean,
	phase: Phase | null = world.phase,
): string {
	if (!environment) return t('headline.none');
	const { verb } = environment.words;
	const [, nouns] = nounsOf(environment);
	// Only English is asked for; nothing is said of added words.
	const what = t(environment.chat ? 'headline.whatChat' : 'headline.what', { verb, nouns });
	const began = world.first?.frontier;
	const now = world.last?.frontier;
	if (now === undefined || began === undefined)
		return world.phase ? t('headline.exam', { nouns, verb }) : t('headline.will', { what });
	const isAble = now >= environment.tasks.difficulty.min;
	const [firstShare, lastShare] = sharesOf(world);
	const can = isAble
		? t('headline.can', { verb, nouns, amount: amountOf(now, environment) })
		: lastShare === ''
			? t('headline.cannot', { what })
			: t('headline.share', { verb, nouns, share: lastShare });
	if (world.status === 'finished' || world.status === 'stopped') {
		const from = isAble || firstShare === '' ? count(began) : firstShare;
		return ended(world, can, t('headline.from', { began: from }), isAble);
	}
	const target = world.difficulty;
	const from = t('headline.from', { began: count(began) });
	if (now < began) return t('headline.getsWorse', { can, from });
	if (target === null) return t('headline.practising', { can });
	const amount = amountOf(target, environment);
	const practised = t('headline.practised', { nouns, amount });
	if (phase === 'update')
		return t(told ? 'headline.practisesTold' : 'headline.practisesBelieved', { can, practised });
	// Below the easiest difficulty the frontier's number is not in the sentence, and the next one would hang in the air.
	if (!isAble || target <= now) return t('headline.practises', { can, practised });
	return t('headline.teaching', { can, target: language.isEnglish ? count(target) : amount });
}

/** The headline of a run that is over. `from` says where it began. */
function ended(world: World, can: string, from: string, isAble: boolean): string {
	const [now = 0, began = 0] = [world.last?.frontier, world.first?.frontier];
	const kind = outcomeOf(world.scores, world.truths)?.kind;
	if (kind === 'collapses') return t('headline.collapses', { can, from });
	if (kind === 'climbs-on-errors') return t('headline.errors', { can, from });
	if (kind === 'forgets') return t('headline.forgets', { can, from });
	const plain = t('headline.from', { began: count(began) });
	if (now > began) return t('headline.taught', { can, from: plain });
	if (now < began) return t('headline.worse', { can, from: plain });
	if (isAble) return t('headline.same', { can });
	return t(kind === 'climbs' ? 'headline.taught' : 'headline.chance', { can, from });
}

/** Shares of right answers at the start and now, in what both examinations asked; empty where nothing was asked. */
export function sharesOf({ first, last }: World): readonly [first: string, last: string] {
	if (!first || !last) return ['', ''];
	const [before, now] = rightOfBoth(first, last);
	const words = ({ correct, n }: Tally) => (n > 0 ? percent(correct / n) : '');
	return [words(before), words(now)];
}

/** Answers per task: as seen in this round's samples, else as many as it gives in all. */
export function answersEach(world: World): number {
	const seen = world.samples.slice(0, 20).map(({ experience }) => experience.rollouts.length);
	if (seen.length > 0) return Math.max(...seen);
	const total = [...world.totals].find(([cell]) => cell.includes('/solution/'))?.[1];
	const asked = askedOf(world);
	return total && asked ? Math.max(1, Math.round(total / asked)) : 0;
}

/** Number of tasks that this round asks; null before anyone can know. */
export function askedOf(world: World): number | null {
	if (world.truth) return world.truth.asked;
	const tasks = [...world.totals].find(([cell]) => cell.includes('/task/'));
	return tasks?.[1] ?? null;
}

/** `Round 3 was undone: difficulty 8 (equal) fell from 198 of 200 to 180 of 200.` */
export const undoneIn = ({ t: round, rolledBack }: UndoneScore): string =>
	t('caption.undone', { t: round, why: said(rolledBack) });

/** Explanation of the round under way: that the last one was undone, else why this difficulty comes next. */
export function aside(world: World, environment: Environment | undefined): string {
	const { undone, why, t: round, difficulty, phase, status } = world;
	if (undone) return undoneIn(undone);
	const isAtWork = phase !== null && round > 0 && status !== 'finished' && status !== 'stopped';
	if (!isAtWork || difficulty === null || why === '') return '';
	return t('caption.because', { amount: amountOf(difficulty, environment), why: said(why) });
}

/** `37 of 96` */
export const outOf = (done: number, all: number): string =>
	t('amount.of', { done: count(done), all: count(all) });

/** `37 of 96`: answers of the set under way; empty between two. */
export const examined = ({ work, phase }: World): string =>
	work && phase === 'evaluate' && work.done < work.total ? outOf(work.done, work.total) : '';

/** Present activity in one or two sentences with real counts. */
export function caption(world: World, environment: Environment | undefined, told: boolean): string {
	const { phase, truth } = world;
	if (world.status === 'finished') return finished(world);
	switch (phase) {
		case null:
			return t('caption.begin');
		case 'acquire':
			return acquiring(world, environment, told);
		case 'refine': {
			// Nothing is kept before the filter has ended.
			if (!truth || !world.finished.has('refine')) return t('caption.decides');
			const { kept, asked } = truth;
			const [k, a, left] = [kept, asked, asked - kept].map(count);
			return t('caption.trusts', { kept: k ?? '', asked: a ?? '', aside: left ?? '' });
		}
		case 'update': {
			const answers = t('amount.answers', { n: truth?.kept ?? 0 });
			const on = truth ? t('caption.trainsOn', { answers }) : '';
			const { training, work } = world;
			if (!training && work) return t('caption.prepares', { share: outOf(work.done, work.total) });
			if (!training) return t('caption.trains', { on });
			const [done, all] = [count(training.done), count(training.total)];
			return t('caption.trainsStep', { on, done, all });
		}
		case 'evaluate':
			return examining(world, environment);
		default:
			return phase satisfies never;
	}
}

function acquiring(world: World, environment: Environment | undefined, told: boolean): string {
	const { work, difficulty } = world;
	const [one, several] = nounsOf(environment);
	const size =
		difficulty === null ? '' : t('caption.size', { amount: amountOf(difficulty, environment) });
	const share = work ? outOf(work.done, work.total) : '';
	const asked = askedOf(world);
	const counted = { n: count(asked ?? 0), one: asked === 1 ? one : several };
	const tasks = asked === null ? several : t('caption.tasks', counted);
	if (work?.cell.includes('/task/')) return t('caption.writes', { tasks, size });
	if (work?.cell.includes('/feedback/'))
		return t(told ? 'caption.judged' : 'caption.compared', { share });
	const k = answersEach(world);
	const ways = k > 1 ? t('caption.ways', { k }) : t('caption.oneWay');
	return share
		? t('caption.answersGiven', { tasks, size, ways, share })
		: t('caption.answers', { tasks, size, ways });
}

function examining(world: World, environment: Environment | undefined): string {
	const [, nouns] = nounsOf(environment);
	const done = world.exam.length;
	const per = Math.max(0, ...world.exam.map((cell) => cell.n));
	const sets = t('amount.sets', { n: done });
	const now = examined(world);
	const asked = [
		...(now ? [t('caption.answered', { share: now })] : []),
		...(done ? [t('caption.setsDone', { sets, per, nouns })] : []),
	].join(language.isEnglish ? ', ' : '，');
	return asked ? t('caption.examAt', { nouns, asked }) : t('caption.exam', { nouns });
}

function finished(world: World): string {
	const kept = world.truths.reduce((sum, row) => sum + row.kept, 0);
	const asked = world.truths.reduce((sum, row) => sum + row.asked, 0);
	const time = world.run ? timeWords(world.run.spentMs / 1000) : '';
	const why = said(outcomeOf(world.scores, world.truths)?.why ?? '');
	const reason = `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
	return t('caption.finished', {
		rounds: t('amount.rounds', { n: world.truths.length }),
		spent: time && t('caption.spent', { time }),
		reason: reason && t('caption.reason', { reason }),
		times: t('amount.times', { n: asked }),
		answers: t('amount.answers', { n: kept }),
	});
}

/** `a sum`, `an instruction`; other languages have no article. */
export const withArticle = (noun: string): string =>
	language.isEnglish ? `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}` : noun;
