/** @file Several lanes as one runtime: every graph is open on every lane; a run takes the first free one. */
import type { Lane } from './lane.ts';
import type { ExternalData, Feeds, GraphRuntime, GraphSession } from './runtime.ts';

export function createPool(
	lanes: readonly Lane[],
	description: string,
	floats: GraphRuntime['floats'] = (size) => new Float32Array(size),
): GraphRuntime {
	const free = [...lanes];
	const waiting: ((lane: Lane) => void)[] = [];
	const take = (): Promise<Lane> => {
		const lane = free.shift();
		return lane ? Promise.resolve(lane) : new Promise((resolve) => waiting.push(resolve));
	};
	const give = (lane: Lane): void => {
		const next = waiting.shift();
		if (next) next(lane);
		else free.push(lane);
	};
	let nextId = 0;

	const open = async (
		model: Uint8Array,
		constants?: AsyncIterable<ExternalData>,
	): Promise<GraphSession> => {
		const id = nextId++;
		try {
			for await (const { name, data } of constants ?? [])
				// The last lane takes the bytes themselves.
				await Promise.all(
					lanes.map((lane, i) =>
						lane.supply(id, name, i === lanes.length - 1 ? data : data.slice()),
					),
				);
			const opened = await Promise.allSettled(lanes.map((lane) => lane.open(id, model)));
			// Only now: a lane that is still opening would keep its session after the release.
			for (const one of opened) if (one.status === 'rejected') throw one.reason;
		} catch (error) {
			await Promise.all(lanes.map((lane) => lane.release(id).catch(() => undefined)));
			throw error;
		}
		return {
			bind: async (feeds: Feeds) => {
				await Promise.all(lanes.map((lane) => lane.bind(id, feeds)));
			},
			run: async (feeds: Feeds, signal?: AbortSignal) => {
				const lane = await take();
				try {
					signal?.throwIfAborted();
					return await lane.run(id, feeds);
				} finally {
					give(lane);
				}
			},
			release: async () => {
				await Promise.all(lanes.map((lane) => lane.release(id)));
			},
		};
	};
	return {
		description,
		lanes: lanes.length,
		open,
		floats,
		dispose: async () => {
			await Promise.all(lanes.map((lane) => lane.dispose()));
		},
	};
}
