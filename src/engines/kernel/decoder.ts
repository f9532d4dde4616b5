/** @file Decoder on the kernel: prefill and decode steps become jobs of a few tokens of any sequences. */
import { rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { parameterCount } from '#model/spec.ts';
import type { KvType } from '#base/limits.ts';
import { announceWork } from '#base/concurrency/heartbeat.ts';
import { yieldToEventLoop } from '#base/concurrency/yield-to-event-loop.ts';
import type { CachedTokens } from '../decoding/cached-tokens.ts';
import type { Decoder, DecodingBatch, PrefillRow, TakeLogits } from '../decoding/decoder.ts';
import type { RunLimits } from '../decoding/limits.ts';
import { cacheF16, cacheF32, cacheQ8 } from '#kernel/assembly/layout/blocks.ts';
import * as Job from '#kernel/assembly/layout/job.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { mostLogits, mostTokens, type KernelModel } from './model.ts';
import { openPages, type PagedTokens } from './pages.ts';
import { openVotes, type VoteTable } from './votes.ts';

const cacheTypes = { f32: cacheF32, f16: cacheF16, q8: cacheQ8 } as const satisfies Readonly<
	Record<KvType, number>
>;

/** A token to run, appended to its sequence. */
interface Column {
	readonly id: number;
	readonly sequence: PagedTokens;
}

/** Runs at most `mostTokens` tokens, whose KV caches are of one type, then computes logits of selected ones. */
export interface Runner {
	/** `votes`, if it is given, gains the attention of all of these tokens, which are of one sequence. */
	run(columns: readonly Column[], votes?: VoteTable): void;
	/** Logits [V] of the tokens with these indices in the last run, each valid during its call. */
	logits(wanted: readonly number[], take: (place: number, logits: Float32Array) => void): void;
}

/** Creates the job tables of a model; one per model. */
export function createRunner(kernel: Kernel, spec: ModelSpec, model: KernelModel): Runner {
	const { heap } = kernel;
	const job = heap.allocate(Job.bytes);
	const half = spec.headSize / 2;
	const table = (numbers: number): number => heap.allocate(4 * numbers);
	const at = {
		[Job.model]: model.at,
		[Job.ids]: table(mostTokens),
		[Job.slots]: table(mostTokens),
		[Job.pageLists]: table(mostTokens),
		[Job.cosines]: table(mostTokens * half),
		[Job.sines]: table(mostTokens * half),
		[Job.wanted]: table(mostTokens),
	} as const;
	const words = (): Uint32Array => new Uint32Array(heap.memory.buffer);
	const put = (place: number, value: number): void => {
		words()[(job + place) / 4] = value;
	};
	for (const [place, value] of Object.entries(at)) put(Number(place), value);
	const run = (wantedCount: number, headOnly: boolean): void => {
		put(Job.wantedCount, wantedCount);
		put(Job.headOnly, headOnly ? 1 : 0);
		kernel.run(job);
	};
	return {
		run: (columns, votes) => {
			for (const { id } of columns)
				if (!(id >= 0 && id < spec.vocabularySize))
					throw new RangeError(
						`The model has no token ${id}, only ${spec.vocabularySize}: this tokenizer is another model's; open the model with its own.`,
					);
			const places = columns.map(({ sequence }) => {
				const place = { slot: sequence.length, position: sequence.position };
				sequence.extend(sequence.length + 1);
				return place;
			});
			const positions = places.map(({ position }) => position);
			const all = words();
			all.set(
				columns.map(({ id }) => id),
				at[Job.ids] / 4,
			);
			all.set(
				places.map(({ slot }) => slot),
				at[Job.slots] / 4,
			);
			all.set(
				columns.map(({ sequence }) => sequence.list),
				at[Job.pageLists] / 4,
			);
			if (spec.rope.some(Boolean)) {
				const { cos, sin } = rotaryAngles(positions, inverseFrequencies(spec));
				new Float32Array(heap.memory.buffer, at[Job.cosines]).set(cos);
				new Float32Array(heap.memory.buffer, at[Job.sines]).set(sin);
			}
			put(Job.tokens, columns.length);
			put(Job.cacheType, cacheTypes[columns[0]?.sequence.type ?? 'f32']);
			put(Job.votes, votes?.at ?? 0);
			put(Job.votesStride, votes?.stride ?? 0);
			run(0, false);
		},
		logits: (wanted, take) => {
			for (let from = 0; from < wanted.length; from += mostLogits) {
				const some = wanted.slice(from, from + mostLogits);
				words().set(some, at[Job.wanted] / 4);
				run(some.length, true);
				const { buffer } = heap.memory;
				some.forEach((place, i) => {
					const start = model.logits + 4 * i * model.vocabularyStride;
					take(place, new Float32Array(buffer, start, spec.vocabularySize));
				});
			}
		},
	};
}

/** Decoder of a model with an adapter, and KV caches of one type. `select` runs before every job, since other decoders share the model. */
export function kernelDecoder(
	{ heap }: Kernel,
	spec: ModelSpec,
	limits: RunLimits,
	runner: Runner,
	select: () => void,
	type: KvType = 'f32',
): Decoder {
	const open = (from: CachedTokens | null, expected?: number): PagedTokens =>
		openPages(heap, spec, from, expected, type);
	const parameters = parameterCount(spec);
	/** To be called before so many tokens are run without a pause. */
	const announce = (tokens: number): void => announceWork(2 * parameters * tokens);
	/** Reads the rows on top of `prefix` in jobs of at most `mostTokens`; with `voting`, which is of one row, the last vote. */
	const read = async (
		prefix: CachedTokens | null,
		rows: readonly PrefillRow[],
		take: TakeLogits,
		signal: AbortSignal | undefined,
		voting?: { readonly table: VoteTable; readonly voters: number },
	): Promise<readonly CachedTokens[]> => {
		const sequences: PagedTokens[] = [];
		try {
			for (const { tokens } of rows)
				sequences.push(open(prefix, (prefix?.length ?? 0) + tokens.length));
			const columns = rows.flatMap(({ tokens, wantedFrom }, row) =>
				tokens.map((id, i) => ({ id, row, at: i, wanted: i >= wantedFrom })),
			);
			const silent = Math.max(0, columns.length - (voting?.voters ?? 0));
			const next = (from: number): number =>
				Math.min(from + mostTokens, from < silent ? silent : columns.length);
			for (let from = 0; from < columns.length; from = next(from)) {
				await yieldToEventLoop();
				signal?.throwIfAborted();
				select();
				const some = columns.slice(from, next(from));
				announce(some.length);
				runner.run(
					some.flatMap(({ id, row }) => {
						const sequence = sequences[row];
						return sequence ? [{ id, sequence }] : [];
					}),
					from < silent ? undefined : voting?.table,
				);
				const wanted = some.flatMap((column, place) => (column.wanted ? [place] : []));
				runner.logits(wanted, (place, logits) => {
					const column = some[place];
					if (column) take(column.row, column.at, logits);
				});
			}
			return sequences.map((sequence) => sequence.copied());
		} finally {
			for (const sequence of sequences) sequence.close();
		}
	};
	return {
		spec,
		limits,
		prefill: (prefix, rows, take, signal) => read(prefix, rows, take, signal),
		prefillWatched: async (prefix, row, voters, take, signal) => {
			const table = openVotes(heap, spec, (prefix?.length ?? 0) + row.tokens.length);
			try {
				const [cache] = await read(prefix, [row], take, signal, { table, voters });
				if (!cache) throw new Error('a row was not read');
				return { cache, votes: table.read() };
			} finally {
				table.close();
			}
		},
		batch: (): DecodingBatch => {
			let rows: readonly PagedTokens[] = [];
			let logits = new Float32Array(0);
			return {
				arrange: (stay, join) => {
					if (stay.length === rows.length && join.length === 0) return;
					const kept = stay.flatMap((place) => rows[place] ?? []);
					for (const row of rows) if (!kept.includes(row)) row.close();
					rows = kept;
					for (const one of join) rows = [...rows, open(one)];
				},
				step: async (ids, signal) => {
					await yieldToEventLoop();
					signal?.throwIfAborted();
					select();
					const V = spec.vocabularySize;
					if (logits.length !== rows.length * V) logits = new Float32Array(rows.length * V);
					const before = rows.map(({ length }) => length);
					announce(rows.length);
					try {
						for (let from = 0; from < rows.length; from += mostTokens) {
							const some = rows.slice(from, from + mostTokens);
							runner.run(some.map((sequence, i) => ({ id: ids[from + i] ?? 0, sequence })));
							runner.logits([...some.keys()], (place, row) => {
								logits.set(row, (from + place) * V);
							});
						}
					} catch (error) {
						rows.forEach((row, i) => {
							row.cut(before[i] ?? 0);
						});
						throw error;
					}
					return logits;
				},
				cached: (row) => {
					const sequence = rows[row];
					if (!sequence) throw new RangeError(`the batch has no row ${row}`);
					return sequence.copied();
				},
				close: () => {
					for (const row of rows) row.close();
					rows = [];
				},
			};
		},
	};
}
