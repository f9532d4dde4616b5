/** @file A chat API over tiny models with real weights, opened anew for each test, whose compute workers can die. */
import { afterEach } from 'vitest';
import { openChatApi, type ChatApi, type ChatEvent } from '#chat/chat-api.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { WorkerLostError } from '#graph/runtime/worker-lost.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { loraTargets } from '#model/adapter.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import type { HeldFiles } from '#platform/held-files.ts';
import { createModels } from '#platform/models.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { tinyChatGguf } from '../fixtures/tiny-chat.ts';

const tiny = await tinyChatGguf();
export const model = 'library:tiny';

export interface Bench {
	readonly api: ChatApi;
	readonly events: ChatEvent[];
	readonly closed: string[];
	/** Of the models that were opened. */
	readonly workers: Mortal[];
	/** The same place, opened anew: only what is stored is there. */
	reload(): Bench;
}

/** A compute worker that can die. */
interface Mortal {
	isDead: boolean;
}

/** A runtime that fails as one whose worker has died, from the moment it is told so. */
function mortal(runtime: GraphRuntime, workers: Mortal[]): GraphRuntime {
	const worker: Mortal = { isDead: false };
	workers.push(worker);
	return {
		...runtime,
		open: async (...graph) => {
			const session = await runtime.open(...graph);
			const run: typeof session.run = (...asked) =>
				worker.isDead ? Promise.reject(new WorkerLostError('it died')) : session.run(...asked);
			return { ...session, run };
		},
	};
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

export function open(
	files: Readonly<Record<string, () => ByteSource>> = {
		tiny: () => bytesSource('tiny.gguf', tiny),
		other: () => bytesSource('other.gguf', tiny),
	},
	place = { store: openMemoryStore(), adapters: openMemoryStore().files },
	hear: (event: ChatEvent) => void = () => undefined,
): Bench {
	const events: ChatEvent[] = [];
	const closed: string[] = [];
	const workers: Mortal[] = [];
	const backends = {
		runtime: () => Promise.resolve(mortal(openNodeRuntime(1), workers)),
		kernel: () => openNodeKernel(1),
	};
	const library = {
		list: () => Promise.resolve([]),
		open: (id: string) => {
			const source = files[id]?.();
			if (!source) throw new Error(`no ${id}`);
			return Promise.resolve({ files: [source], close: () => Promise.resolve() });
		},
	};
	const platform = {
		openFiles: async (held: HeldFiles) =>
			(await openLarge(held, 'terminal', backends)).openEngine(),
		store: place.store,
		now: () => 1_000,
		openModel: async (name: string): Promise<OpenModel> => {
			const source = files[name.replace('library:', '')]?.();
			if (!source) throw new Error(`no ${name}`);
			const close = () => {
				closed.push(name);
				return Promise.resolve();
			};
			const held = { files: [source], close };
			const opened = await openLarge(held, 'terminal', backends, { targets: loraTargets });
			return opened.openEngine();
		},
	};
	const models = createModels(platform, () => undefined);
	closing.push(() => models.dispose());
	const api = openChatApi({
		platform,
		models,
		library,
		adapters: place.adapters,
		emit: (event) => {
			events.push(event);
			hear(event);
		},
	});
	return { api, events, closed, workers, reload: () => open(files, place) };
}
