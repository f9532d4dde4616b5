/** @file Sentences and numbers as people read them; no jargon, real counts only. */
import type { Environment } from '#environments/environment.ts';
import type { Phase } from '#loop/types.ts';
import { undoneWords } from '#runs/measure/accepted.ts';
import { duration } from '#runs/measure/duration.ts';
import { outcomeOf, rightOfBoth } from '#runs/measure/outcome.ts';
import type { Tally } from '#runs/measure/share.ts';
import type { World } from '../state/world.svelte.ts';

const whole = new Intl.NumberFormat('en');

export const count = (n: number): string => whole.format(n);

/** A share in percent: whole if it is whole, else one decimal. */
export function percent(share: number): string {
	const value = Math.round(share * 1000) / 10;
	return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}

/** `61–100`: the ends of an interval in percent, without the sign. */
export const range = (interval: readonly [low: number, high: number]): string =>
	interval.map((share) => percent(share).replace(' %', '')).join('–');

/** `1 digit`, `12 digits`: the unit is given in the plural. */
export const many = (n: number, unit: string): string =>
	`${count(n)} ${n === 1 ? unit.replace(/s$/, '') : unit}`;

/** `2:05` */
export const clock = (ms: number): string =>
	`${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

export const phaseWords: Readonly<Record<Phase, string>> = {
	acquire: 'Acquire',
	refine: 'Refine',
	update: 'Update',
	evaluate: 'Evaluate',
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
	if (!environment) return 'A small world in which a language model teaches itself.';
	const { difficulty } = environment.tasks;
	const { verb, noun, unit } = environment.words;
	// Only English is asked for; nothing is said of added words.
	const what = environment.chat ? `${verb} ${noun[1]}` : verb;
	const began = world.first?.frontier;
	const now = world.last?.frontier;
	if (now === undefined || began === undefined)
		return world.phase
			? `First, an examination: which ${noun[1]} can this model ${verb}?`
			: `A small model that will teach itself to ${what}.`;
	const isAble = now >= difficulty.min;
	const [firstShare, lastShare] = sharesOf(world);
	const can = isAble
		? `can ${verb} ${many(now, unit)}`
		: lastShare === ''
			? `cannot ${what} yet`
			: `${verb}s ${lastShare} of ${noun[1]}`;
	const target = world.difficulty;
	const outcome = outcomeOf(world.scores, world.truths);
	if (world.status === 'finished' || world.status === 'stopped') {
		const from = `It began at ${isAble || firstShare === '' ? count(began) : firstShare}`;
		if (outcome?.kind === 'collapses')
			return `This model trained on errors and fell in on itself. It ${can}. ${from}.`;
		if (outcome?.kind === 'climbs-on-errors')
			return `This model ${can}, and learnt errors. ${from}.`;
		if (outcome?.kind === 'forgets') return `This model ${can}, and forgot. ${from}.`;
		return now > began
			? `This model ${can}. It began at ${count(began)} and taught itself the rest.`
			: now < began
				? `This model ${can}. It began at ${count(began)}: it has got worse.`
				: isAble
					? `This model ${can}, as it did at the start.`
					: `This model ${can}. ${from}${outcome?.kind === 'climbs' ? ' and taught itself the rest' : '; the difference may be chance'}.`;
	}
	if (now < began) return `This model ${can}. It began at ${count(began)}: it is getting worse.`;
	if (target === null) return `This model ${can}. It is practising.`;
	const practised = `${noun[1]} of ${many(target, unit)}`;
	if (phase === 'update')
		return `This model ${can}. It is practising ${practised} ${told ? 'that it was told it solved' : 'that it believes it solved'}.`;
	// Below the easiest difficulty the frontier's number is not in the sentence, and the next one would hang in the air.
	return isAble && target > now
		? `This model ${can}. It is teaching itself ${count(target)}.`
		: `This model ${can}. It is practising ${practised}.`;
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

/** Explanation of the round under way: that the last one was undone, else why this difficulty comes next. */
export function aside(world: World, environment: Environment | undefined): string {
	const { undone, why, t, difficulty, phase, status } = world;
	if (undone) return undoneWords(undone);
	const isAtWork = phase !== null && t > 0 && status !== 'finished' && status !== 'stopped';
	if (!isAtWork || difficulty === null || why === '') return '';
	return `${many(difficulty, environment?.words.unit ?? 'steps')}, because ${why}.`;
}

/** `37 of 96`: answers of the set under way; empty between two. */
export const examined = ({ work, phase }: World): string =>
	work && phase === 'evaluate' && work.done < work.total
		? `${count(work.done)} of ${count(work.total)}`
		: '';

/** Present activity in one or two sentences with real counts. */
export function caption(world: World, environment: Environment | undefined, told: boolean): string {
	const { phase, work, truth, difficulty } = world;
	const [one, several] = environment?.words.noun ?? ['task', 'tasks'];
	const size =
		difficulty === null ? '' : ` of ${many(difficulty, environment?.words.unit ?? 'steps')}`;
	const share = work ? `${count(work.done)} of ${count(work.total)}` : '';
	if (world.status === 'finished') return finished(world);
	switch (phase) {
		case null:
			return 'Press Evolve: the model makes its own tasks, answers them, keeps what it trusts, and trains on that.';
		case 'acquire': {
			const asked = askedOf(world);
			const tasks = asked === null ? several : `${count(asked)} ${asked === 1 ? one : several}`;
			if (work?.cell.includes('/task/')) return `It writes itself ${tasks}${size}.`;
			const k = answersEach(world);
			const ways = k > 1 ? `each in ${k} ways` : 'one answer each';
			if (work?.cell.includes('/feedback/'))
				return told
					? `The verifier tells it which answers are right: ${share} judged.`
					: `It judges its own answers: ${share} compared. Nobody tells it which are right.`;
			return `It answers ${tasks}${size}, ${ways}${share ? `: ${share} given` : ''}.`;
		}
		case 'refine':
			// Nothing is kept before the filter has ended.
			return truth && world.finished.has('refine')
				? `It trusts ${count(truth.kept)} of ${count(truth.asked)} answers and sets the other ${count(truth.asked - truth.kept)} aside.`
				: 'It decides which of its answers to trust, and sets the rest aside.';
		case 'update': {
			const kept = truth
				? ` on the ${many(truth.kept, 'answers')} it kept, with older ones mixed in`
				: '';
			const { training } = world;
			return training
				? `It trains${kept}: step ${count(training.done)} of ${count(training.total)}.`
				: `It trains${kept}.`;
		}
		case 'evaluate': {
			const done = world.exam.length;
			const per = Math.max(0, ...world.exam.map((cell) => cell.n));
			const sets = done ? `${many(done, 'sets')} of up to ${per} ${several} done` : '';
			const now = examined(world);
			const asked = [now && `${now} answered`, sets].filter(Boolean).join(', ');
			return `It sits an examination on ${several} it can never train on${asked && `: ${asked}`}.`;
		}
		default:
			return phase satisfies never;
	}
}

function finished(world: World): string {
	const kept = world.truths.reduce((sum, row) => sum + row.kept, 0);
	const asked = world.truths.reduce((sum, row) => sum + row.asked, 0);
	const spent = world.run ? ` in ${duration(world.run.spentMs / 1000)}` : '';
	const why = outcomeOf(world.scores, world.truths)?.why;
	const reason = why ? ` ${why.charAt(0).toUpperCase()}${why.slice(1)}.` : '';
	return `${many(world.truths.length, 'rounds')}${spent}.${reason} It asked itself ${many(asked, 'times')} and kept ${many(kept, 'answers')}.`;
}

/** `a sum`, `an instruction`. */
export const withArticle = (noun: string): string =>
	`${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
