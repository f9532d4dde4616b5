/**
 * @file Time left of a run. A step of the loop is a sequence of parts (a cell at work, the training, one difficulty of an
 * examination); how long each took last time says how long the next one will, blended with its own pace as it proceeds.
 * Nothing is said before every kind of step has been seen.
 */
import { phases, type Phase, type Progress } from '#loop/types.ts';

/** A step of the loop as the clock knows it. */
interface At {
	readonly t: number;
	readonly phase: Phase;
	readonly difficulty: number;
}

/** Learns how long the parts of each step take. All times are milliseconds of one clock. */
export interface Clock {
	/** A step begins; one that was dropped half-way begins again. */
	began(at: At, nowMs: number): void;
	/** The step under way reports. */
	heard(progress: Progress, nowMs: number): void;
	/** The step under way is finished. */
	finished(nowMs: number): void;
	/** Seconds to the end of `rounds` rounds, or null if not yet known. */
	secondsLeft(rounds: number, nowMs: number): number | null;
}

/** Milliseconds by part: a cell's address, `training`, or `<environment>/<difficulty>` in an examination. */
type Lengths = ReadonlyMap<string, number>;

interface Step extends At {
	readonly parts: Map<string, number>;
	/** The part that reported last, and its fraction done; empty before the first report. */
	part: string;
	fraction: number;
	heardMs: number;
	readonly beganMs: number;
}

/** A share of a part under which its own pace is not yet believed without an earlier one. */
const enough = 0.1;
const training = 'training';
/** Difficulty under way in an examination: it is named when it is finished. */
const unnamed = '';

const sum = (values: Iterable<number>): number =>
	[...values].reduce((all, value) => all + value, 0);

/** Of a part that is a difficulty of the practised environment. */
const difficultyOf = (part: string): number | undefined =>
	/^\/-?\d+$/.test(part) ? Number(part.slice(1)) : undefined;

/** The same parts, of difficulties by so much higher: an examination between the first round and the last follows what is practised. */
const shifted = (lengths: Lengths, by: number): Lengths =>
	new Map(
		[...lengths].map(([part, ms]) => {
			const difficulty = difficultyOf(part);
			return [difficulty === undefined ? part : `/${difficulty + by}`, ms];
		}),
	);

/** Least-squares slope over the rounds, drawn towards zero while they are few; rounds that grow shorter do not count on. */
function trendOf(lengths: ReadonlyMap<number, number> = new Map()): number {
	const points = [...lengths];
	const n = points.length;
	if (n < 2) return 0;
	const meanT = sum(points.map(([t]) => t)) / n;
	const meanMs = sum(points.map(([, ms]) => ms)) / n;
	const slope =
		sum(points.map(([t, ms]) => (t - meanT) * (ms - meanMs))) /
		sum(points.map(([t]) => (t - meanT) ** 2));
	return (Math.max(0, slope) * n) / (n + 2);
}

/** A clock that has seen nothing yet. */
export function createClock(): Clock {
	/** The last step of each phase; examinations between first and last round only. */
	const known = new Map<Phase, Lengths>();
	/** Of each difficulty when it was examined last. */
	const examined = new Map<string, number>();
	let step: Step | undefined;
	/** Lengths of the finished steps of each phase between the first round and the last, by round. */
	const history = new Map<Phase, Map<number, number>>();
	/** Difficulty of the first round that was seen. */
	let origin: Pick<At, 't' | 'difficulty'> | undefined;

	/** Examination in full: all that was ever examined, and as much more as the coming rounds climb. */
	function inFull(roundsAfter: number): Lengths {
		const { t, difficulty } = step ?? { t: 0, difficulty: 0 };
		const rounds = t - (origin?.t ?? t);
		const climb = rounds > 0 ? (difficulty - (origin?.difficulty ?? difficulty)) / rounds : 0;
		const more = Math.max(0, climb * roundsAfter) * Math.max(0, ...examined.values());
		return new Map([...examined, ['more', more]]);
	}

	/** Parts of a step of this phase; undefined if none was seen. */
	function expected(phase: Phase, isLast: boolean, roundsAfter: number): Lengths | undefined {
		if (phase !== 'evaluate') return known.get(phase);
		if (examined.size === 0) return undefined;
		if (isLast) return inFull(roundsAfter);
		const practised = step?.difficulty ?? 0;
		const around = known.get(phase);
		if (around) return shifted(around, practised);
		const next = [...examined].filter(([part]) => (difficultyOf(part) ?? -1) >= practised);
		return new Map(next.slice(0, 2));
	}

	/** Of the step under way; NaN if not yet known. */
	function restOf(
		{ phase, parts, part, fraction, heardMs }: Step,
		lengths: Lengths | undefined,
		nowMs: number,
	): number {
		const since = nowMs - heardMs;
		const spent = parts.get(part) ?? 0;
		if (!lengths) {
			// The training is the last part of its step: the step is known with it.
			const isTold = phase === 'update' && part === training && fraction >= enough;
			return isTold ? Math.max(0, spent / fraction - spent - since) : NaN;
		}
		const isAtWork = parts.size > 0 && fraction < 1;
		const ahead = [...lengths].filter(([name]) => !parts.has(name));
		// A difficulty under way is the next of those ahead.
		const [last, after] =
			part === unnamed ? [ahead[0]?.[1], ahead.slice(1)] : [lengths.get(part), ahead];
		const later = sum(after.map(([, length]) => length));
		if (!isAtWork) return Math.max(0, sum(ahead.map(([, length]) => length)) - since);
		const own = fraction > 0 ? spent / fraction : last;
		const length = (last ?? own ?? 0) * (1 - fraction) + (own ?? 0) * fraction;
		return Math.max(0, length - spent - since) + later;
	}

	return {
		began(at, nowMs) {
			step = {
				...at,
				parts: new Map(),
				part: unnamed,
				fraction: 0,
				heardMs: nowMs,
				beganMs: nowMs,
			};
			if (at.t > 0) origin ??= at;
		},
		heard(progress, nowMs) {
			if (!step || progress.kind === 'sample') return;
			const add = (part: string, ms: number): void =>
				void step?.parts.set(part, (step.parts.get(part) ?? 0) + ms);
			const since = nowMs - step.heardMs;
			step.heardMs = nowMs;
			if (progress.kind === 'examined') {
				const part = `${progress.environment ?? ''}/${progress.cell.difficulty}`;
				add(part, since + (step.parts.get(unnamed) ?? 0));
				step.parts.delete(unnamed);
				Object.assign(step, { part, fraction: 1 });
				return;
			}
			const [done, total] =
				progress.kind === 'trained'
					? [progress.step, progress.steps]
					: [progress.done, progress.total];
			const part =
				progress.kind === 'trained'
					? training
					: step.phase === 'evaluate'
						? unnamed
						: progress.cell;
			add(part, since);
			Object.assign(step, { part, fraction: total > 0 ? Math.min(1, done / total) : 1 });
		},
		finished(nowMs) {
			if (!step) return;
			const { t, phase, difficulty, parts, heardMs } = step;
			const rest = nowMs - heardMs + (parts.get(unnamed) ?? 0);
			parts.delete(unnamed);
			parts.set('rest', rest);
			if (phase === 'evaluate') for (const [part, ms] of parts) examined.set(part, ms);
			if (phase !== 'evaluate' || t > 0) {
				known.set(phase, phase === 'evaluate' ? shifted(parts, -difficulty) : parts);
				const lengths = history.get(phase) ?? new Map<number, number>();
				history.set(phase, lengths.set(t, sum(parts.values())));
			}
			step = undefined;
		},
		secondsLeft(rounds, nowMs) {
			if (!step) return null;
			const { t, phase, beganMs } = step;
			const roundsAfter = Math.max(0, rounds - t);
			const isLastRound = roundsAfter === 0;
			const isFull = isLastRound || t === 0;
			const rest = restOf(step, expected(phase, isFull, roundsAfter), nowMs);
			const lengthOf = (one: Phase, isLast: boolean): number => {
				// What this step turns out to take slides into the rounds to come, instead of leaping when it is finished.
				if (one === phase && t > 0 && !isLast) return nowMs - beganMs + rest;
				const lengths = expected(one, isLast, roundsAfter);
				return lengths ? sum(lengths.values()) : NaN;
			};
			/** Of that many rounds to come, each longer than the one before by the trend. */
			const lengthOfAll = (one: Phase, n: number): number =>
				n === 0 ? 0 : n * lengthOf(one, false) + (trendOf(history.get(one)) * n * (n + 1)) / 2;
			// Round 0 is one examination.
			const position = t === 0 ? phases.length - 1 : phases.indexOf(phase);
			let left = rest;
			for (const one of phases.slice(position + 1)) left += lengthOf(one, isLastRound);
			for (const one of phases)
				if (roundsAfter > 0)
					left +=
						one === 'evaluate'
							? lengthOfAll(one, roundsAfter - 1) + lengthOf(one, true)
							: lengthOfAll(one, roundsAfter);
			return Number.isFinite(left) ? Math.round(left / 1000) : null;
		},
	};
}
