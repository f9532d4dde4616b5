/**
 * @file Positions of the dome's dots. A dot is an experience (or several, and then it says so); a
 * square is one set of held-out tasks. Places are polar, about the middle of the ring, so that
 * a change of angle moves along the ring.
 */
import { hash32 } from '#base/random.ts';
import type { Phase, ScoreCell } from '#loop/types.ts';
import type { Sample } from '../../state/world.svelte.ts';

/** The drawing's own units; the dome's floor is at `floor`. */
export const stage = { width: 560, height: 462, x: 280, y: 238, radius: 142, floor: 458 } as const;

export interface Dot {
	readonly key: string;
	/** Degrees clockwise from the top. */
	readonly angle: number;
	readonly radius: number;
	readonly phase: Phase;
	readonly state: 'flowing' | 'kept' | 'fallen' | 'landed';
	/** Order within a move: later dots start later. */
	readonly order: number;
	readonly sample: Sample | null;
}

export interface Square {
	readonly key: string;
	readonly angle: number;
	readonly share: number;
}

export interface FlowInput {
	readonly t: number;
	readonly phase: Phase | null;
	/** Progress of the phase under way, 0–1; null if unknown. */
	readonly progress: number | null;
	/** Optimizer steps of the update under way; null outside it. */
	readonly training: { readonly done: number; readonly total: number } | null;
	readonly asked: number | null;
	/** Known once the round is refined. */
	readonly kept: number | null;
	readonly samples: readonly Sample[];
}

const slots = 48;
/** Middle of each phase's arc, degrees. */
export const middle: Readonly<Record<Phase, number>> = {
	acquire: 0,
	refine: 90,
	update: 180,
	evaluate: 270,
};

/** Polar place of a heap: `-1` trained on (left), `1` set aside (right). */
function heapPlace(side: -1 | 1): { angle: number; radius: number } {
	const dx = side * heapOffset;
	const dy = stage.floor - 10 - stage.y;
	return {
		angle: (Math.atan2(dx, -dy) * 180) / Math.PI + (side < 0 ? 360 : 0),
		radius: Math.hypot(dx, dy),
	};
}
const heapOffset = 178;
export const heapX = (side: -1 | 1): number => stage.x + side * heapOffset;

const jitter = (key: string, salt: number): number => hash32(`${key}/${salt}`) / 2 ** 32 - 0.5;

/** Number of experiences that one dot stands for. */
export const perDot = (asked: number | null): number =>
	Math.max(1, Math.ceil((asked ?? slots) / slots));

/** The dots of this round. */
export function flow(input: FlowInput): readonly Dot[] {
	const { t, phase, asked, kept } = input;
	if (phase === null || t === 0) return [];
	const each = perDot(asked);
	const n = asked === null ? Math.min(slots, input.samples.length) : Math.ceil(asked / each);
	const survivors = kept === null ? n : Math.min(n, Math.round(kept / each));
	const bound = bind(input.samples, n, survivors, kept !== null);
	const shown = phase === 'acquire' ? Math.round(n * (input.progress ?? 0)) : n;
	const landed =
		phase === 'update'
			? Math.floor(survivors * (input.progress ?? 0))
			: phase === 'evaluate'
				? n
				: 0;
	const moves = phase === 'update' ? movesOf(survivors, input.training) : [];
	return bound.slice(0, shown).map((sample, i): Dot => {
		const key = `${t}-${i}`;
		const base = { key, sample, order: i };
		const survives = i < survivors;
		if (!survives && kept !== null)
			return { ...base, ...heapPlace(1), phase: 'refine', state: 'fallen' };
		const at: Phase = phase === 'evaluate' ? 'update' : phase;
		if (i < landed) return { ...base, ...heapPlace(-1), phase: 'update', state: 'landed' };
		const moved = 2 * (moves[i] ?? 0);
		return {
			...base,
			angle: middle[at] + jitter(key, 1 + moved) * 74,
			// Mostly inside the ring: the words stand outside.
			radius: stage.radius - 8 + jitter(key, 2 + moved) * 28,
			phase: at,
			state: kept === null ? 'flowing' : 'kept',
		};
	});
}

/** Moves of each dot so far: one dot per optimizer step, in turn, of those that have not landed. */
function movesOf(n: number, training: FlowInput['training']): readonly number[] {
	const moves = Array.from({ length: n }, () => 0);
	if (!training) return moves;
	for (let step = 1; step <= training.done; step++) {
		const landed = Math.floor((n * step) / training.total);
		const dot = landed + (step % Math.max(1, n - landed));
		if (dot < n) moves[dot] = (moves[dot] ?? 0) + 1;
	}
	return moves;
}

/** Gives each dot a sample it stands for; once refined, kept ones to the first `survivors` dots. */
function bind(
	samples: readonly Sample[],
	n: number,
	survivors: number,
	refined: boolean,
): readonly (Sample | null)[] {
	const oldestFirst = [...samples].reverse();
	const fate = (kind: 'kept' | 'set-aside') =>
		oldestFirst.filter((sample) => sample.experience.fate.kind === kind);
	const pools = refined
		? { kept: fate('kept'), aside: fate('set-aside') }
		: { kept: oldestFirst, aside: oldestFirst };
	return Array.from({ length: n }, (_, i) =>
		i < survivors
			? (pools.kept[i % Math.max(1, pools.kept.length)] ?? null)
			: (pools.aside[(i - survivors) % Math.max(1, pools.aside.length)] ?? null),
	);
}

/** The sets of the examination along the last arc, in order; `expected` is how many there will be. */
export function squares(exam: readonly ScoreCell[], expected: number): readonly Square[] {
	const total = Math.max(expected, exam.length, 1);
	return exam.map((cell, i) => ({
		key: `${cell.difficulty}-${cell.stratum}-${i}`,
		angle: middle.evaluate - 37 + (74 * (i + 0.5)) / total,
		share: cell.n > 0 ? cell.correct / cell.n : 0,
	}));
}

export interface Heap {
	readonly each: number;
	readonly points: readonly { readonly x: number; readonly y: number }[];
}

const heapMost = 66;

/** A pile of dots for a count; one dot stands for `each`. */
export function heap(count: number, x: number): Heap {
	const steps = [1, 5, 10, 50, 100, 500, 1000, 5000, 10_000];
	const each = steps.find((step) => count / step <= heapMost) ?? Math.ceil(count / heapMost);
	const n = Math.ceil(count / each);
	// Rows of a triangle: the widest that the dots fill, two fewer in each row above.
	let widest = 1;
	while (((widest + 1) * (widest + 1)) / 4 < n) widest++;
	const points: { x: number; y: number }[] = [];
	for (let row = 0, width = widest; points.length < n && width > 0; row++, width -= 2)
		for (let k = 0; k < width && points.length < n; k++)
			points.push({ x: x + (k - (width - 1) / 2) * 8.4, y: stage.floor - 6 - row * 7.4 });
	return { each, points };
}

/** An arc of the ring as an SVG path. */
export function arc(phase: Phase): string {
	const point = (degrees: number) => {
		const a = (degrees * Math.PI) / 180;
		const x = stage.x + stage.radius * Math.sin(a);
		const y = stage.y - stage.radius * Math.cos(a);
		return `${x.toFixed(1)} ${y.toFixed(1)}`;
	};
	const r = stage.radius;
	return `M${point(middle[phase] - 40)}A${r} ${r} 0 0 1 ${point(middle[phase] + 40)}`;
}
