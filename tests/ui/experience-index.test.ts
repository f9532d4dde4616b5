/** @file The experience index finds and orders what a plain filter and sort would, and is fast at 100,000 rows. */
import {
	createExperienceIndex,
	type Column,
	type CompactRow,
	type ExperienceIndex,
	type ExperienceQuery,
} from '#ui/panels/experiences/experience-index.ts';
import { random } from '#base/random.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aRow, rows } from '../contracts/store-samples.ts';

const idsOf = (index: ExperienceIndex, query?: ExperienceQuery): readonly string[] =>
	Array.from(index.find(query), (position) => index.at(position)?.id ?? 'none');

const filled = (rows: readonly CompactRow[]): ExperienceIndex => {
	const index = createExperienceIndex();
	index.put(rows);
	return index;
};

const few = [
	aRow(3, {
		t: 2,
		score: 0.5,
		verdict: 'wrong',
		fate: 'set-aside',
		reason: 'Too short',
		difficulty: 12,
	}),
	aRow(1, { t: 1, score: null, verdict: 'unjudged', answer: null, rejected: true }),
	aRow(2, { t: 1, score: 0, verdict: 'malformed', stratum: 'unequal', trainedIn: [1, 3] }),
];

describe('the experience index', () => {
	test('shows rows in order of round and id by default', () => {
		expect(idsOf(filled(few))).toEqual(['e000001', 'e000002', 'e000003']);
	});

	test('finds every word of a text, in any field and any case', () => {
		const index = filled(few);
		expect(idsOf(index, { text: 'too SHORT' })).toEqual(['e000003']);
		expect(idsOf(index, { text: 'unequal' })).toEqual(['e000002']);
		expect(idsOf(index, { text: '  ' })).toHaveLength(3);
		expect(idsOf(index, { text: '1 + 865' })).toEqual(['e000001']); // expected answer of 1 + 864
		expect(idsOf(index, { text: 'short nowhere' })).toEqual([]);
	});

	test('filters by fate, verdict, stratum, round, difficulty, rejection and training', () => {
		const index = filled(few);
		expect(idsOf(index, { fates: ['set-aside'] })).toEqual(['e000003']);
		expect(idsOf(index, { verdicts: ['unjudged', 'wrong'] })).toEqual(['e000001', 'e000003']);
		expect(idsOf(index, { verdicts: [] })).toEqual([]);
		expect(idsOf(index, { strata: ['unequal'] })).toEqual(['e000002']);
		expect(idsOf(index, { round: { from: 2 } })).toEqual(['e000003']);
		expect(idsOf(index, { round: { from: 1, to: 1 } })).toEqual(['e000001', 'e000002']);
		expect(idsOf(index, { difficulty: { to: 11 } })).toEqual(['e000001', 'e000002']);
		expect(idsOf(index, { rejected: true })).toEqual(['e000001']);
		expect(idsOf(index, { trained: true })).toEqual(['e000002']);
		expect(idsOf(index, { trained: false, rejected: false })).toEqual(['e000003']);
	});

	test('sorts unjudged apart from zero, and verdicts from good to bad', () => {
		const index = filled(few);
		const by = (column: Column, descending = false) =>
			idsOf(index, { sort: { column, descending } });
		expect(by('score')).toEqual(['e000001', 'e000002', 'e000003']);
		expect(by('score', true)).toEqual(['e000003', 'e000002', 'e000001']);
		expect(by('verdict')).toEqual(['e000003', 'e000002', 'e000001']);
		expect(by('trainedIn', true)[0]).toBe('e000002');
	});

	test('follows a row that changes, and does not show it twice', () => {
		const index = filled(few);
		expect(idsOf(index, { sort: { column: 'difficulty' } }).at(-1)).toBe('e000003');
		index.put([aRow(3, { difficulty: 1, fate: 'kept' })]);
		expect(index.size).toBe(3);
		expect(idsOf(index, { sort: { column: 'difficulty' } })[0]).toBe('e000003');
		expect(idsOf(index, { fates: ['kept'] })).toEqual(['e000003']);
		expect(index.get('e000003')?.difficulty).toBe(1);
		index.clear();
		expect([index.size, idsOf(index), index.get('e000003')]).toEqual([0, [], undefined]);
	});

	test('keeps no payload', () => {
		const index = filled(few);
		expect(index.at(0)).not.toHaveProperty('payload');
		expect(index.at(0)).toEqual(expect.objectContaining({ id: 'e000003', reason: 'Too short' }));
	});

	test('agrees with a plain sort after any sequence of additions, changes and queries', () => {
		const row = fc.record({
			id: fc.integer({ min: 0, max: 30 }).map((n) => `e${n}`),
			t: fc.integer({ min: 0, max: 3 }),
			difficulty: fc.integer({ min: 1, max: 4 }),
			text: fc.constantFrom('a', 'b', 'B', 'é', '10', '9'),
			score: fc.constantFrom(null, 0, 0.5, 1),
			fate: fc.constantFrom('fresh', 'kept', 'set-aside'),
		});
		const column = fc.constantFrom('t', 'difficulty', 'text', 'score', 'id', 'fate');
		const rank = { fresh: 0, kept: 1, 'set-aside': 2 };
		const stage = fc.tuple(fc.array(row, { maxLength: 12 }), column, fc.boolean());
		fc.assert(
			fc.property(fc.array(stage, { maxLength: 8 }), fc.boolean(), (stages, large) => {
				const index = createExperienceIndex();
				const plain = new Map<string, CompactRow>();
				// in a large index the few that change are merged, in a small one all are sorted anew
				const base = large ? rows(0, 400, { t: 2 }).map((r, i) => ({ ...r, score: i % 7 })) : [];
				index.put(base);
				for (const r of base) plain.set(r.id, r);
				for (const [added, by, descending] of stages) {
					const changes = added.map((changed) => aRow(0, changed));
					index.put(changes);
					for (const changed of changes) plain.set(changed.id, changed);
					const key = (r: CompactRow): number | string =>
						by === 'fate' ? rank[r.fate] : (r[by] ?? -Infinity);
					const sorted = [...plain.values()].sort(
						(a, b) =>
							(key(a) < key(b) ? -1 : Number(key(a) > key(b))) ||
							a.t - b.t ||
							(a.id < b.id ? -1 : Number(a.id > b.id)),
					);
					if (descending) sorted.reverse();
					expect(idsOf(index, { sort: { column: by, descending } })).toEqual(
						sorted.map(({ id }) => id),
					);
				}
			}),
			{ numRuns: 150 },
		);
	});

	test('answers filters and sorts over 100,000 rows (times are printed)', () => {
		const draw = random(1);
		const many = Array.from({ length: 100_000 }, (_, i) => {
			const [a, b] = [draw.integer(0, 1e9), draw.integer(0, 1e9)];
			return aRow(i, {
				t: 1 + Math.floor(i / 1000),
				text: `${a} + ${b}`,
				answer: draw.next() < 0.1 ? null : String(a + b),
				expected: String(a + b),
				difficulty: draw.integer(1, 20),
				score: draw.next() < 0.1 ? null : draw.next(),
				verdict: draw.pick(['correct', 'wrong', 'malformed', 'unjudged']),
				fate: draw.pick(['fresh', 'kept', 'set-aside']),
				reason: draw.pick(['', 'too short', 'below the threshold']),
			});
		});
		const index = createExperienceIndex();
		const filling = timed(() => index.put(many));
		const columns: readonly Column[] = [
			...(['id', 't', 'difficulty', 'stratum', 'text', 'answer', 'expected', 'verdict'] as const),
			...(['score', 'fate', 'reason', 'rejected', 'trainedIn'] as const),
		];
		const first = columns.map((column) => timed(() => index.find({ sort: { column } })));
		const filters: readonly ExperienceQuery[] = [
			{},
			{ text: '99' },
			{ text: 'short 864' },
			{ fates: ['kept'], verdicts: ['correct'] },
			{ round: { from: 20, to: 40 }, difficulty: { from: 9 } },
		];
		const again: number[] = [];
		for (const column of columns)
			for (const filter of filters)
				for (const descending of [false, true])
					again.push(timed(() => index.find({ ...filter, sort: { column, descending } })));
		const live: number[] = [];
		for (let n = 0; n < 20; n++) {
			index.put(
				many
					.slice(n * 1000, n * 1000 + 500)
					.map((row) => ({ ...row, score: draw.next(), fate: 'kept' })),
			);
			live.push(timed(() => index.find({ sort: { column: 'score' } })));
		}
		const line = (name: string, times: readonly number[]) =>
			`${name}: median ${quantile(times, 0.5)} ms, p95 ${quantile(times, 0.95)} ms, most ${quantile(times, 1)} ms`;
		console.log(
			[
				`100,000 rows put in ${filling.toFixed(0)} ms`,
				line('first sort of a column', first),
				line('filter and sort', again),
				line('after 500 rows changed', live),
			].join('\n'),
		);
		expect(index.find({ fates: ['kept'] }).length).toBeGreaterThan(30_000);
	});
});

function timed(work: () => unknown): number {
	const start = performance.now();
	work();
	return performance.now() - start;
}

function quantile(times: readonly number[], q: number): string {
	const sorted = [...times].sort((a, b) => a - b);
	return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1);
}
