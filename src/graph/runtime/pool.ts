/** @file Worker pool as one runtime: every graph is open on every worker; a run takes the first free one. */
import type { OrtWorker } from './local-worker.ts';
import type { ExternalData, Feeds, GraphRuntime, GraphSession } from './runtime.ts';

export function createPool(
	workers: readonly OrtWorker[],
	description: string,
	floats: GraphRuntime['floats'] = (size) => new Float32Array(size),
): GraphRuntime {
	const free = [...workers];
	const waiting: ((worker: OrtWorker) => void)[] = [];
	const take = (): Promise<OrtWorker> => {
		const worker = free.shift();
		return worker ? Promise.resolve(worker) : new Promise((resolve) => waiting.push(resolve));
	};
	const give = (worker: OrtWorker): void => {
		const next = waiting.shift();
		if (next) next(worker);
		else free.push(worker);
	};
	let nextId = 0;

	const open = async (
		model: Uint8Array,
		constants?: AsyncIterable<ExternalData>,
	): Promise<GraphSession> => {
		const id = nextId++;
		try {
			for await (const { name, data } of constants ?? [])
				// The last worker gets the bytes without a copy.
				await Promise.all(
					workers.map((worker, i) =>
						worker.supply(id, name, i === workers.length - 1 ? data : data.slice()),
					),
				);
			const opened = await Promise.allSettled(workers.map((worker) => worker.open(id, model)));
			// Only after all have settled: a worker that is still opening would keep its session.
			for (const one of opened) if (one.status === 'rejected') throw one.reason;
		} catch (error) {
			await Promise.all(workers.map((worker) => worker.release(id).catch(() => undefined)));
			throw error;
		}
		return {
			bind: async (feeds: Feeds) => {
				await Promise.all(workers.map((worker) => worker.bind(id, feeds)));
			},
			run: async (feeds: Feeds, signal?: AbortSignal) => {
				const worker = await take();
				try {
					signal?.throwIfAborted();
					return await worker.run(id, feeds);
				} finally {
					give(worker);
				}
			},
			release: async () => {
				await Promise.all(workers.map((worker) => worker.release(id)));
			},
		};
	};
	return {
		description,
		workers: workers.length,
		open,
		floats,
		dispose: async () => {
			await Promise.all(workers.map((worker) => worker.dispose()));
		},
	};
}
