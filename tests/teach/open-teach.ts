/** @file The Teach API over a tiny real model on the kernel, in memory. */
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { loraTargets } from '#model/adapter.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { createModels } from '#platform/models.ts';
import { openLarge } from '#platform/open-model.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { openTeachApi, type TeachApi } from '#teach/teach-api.ts';
import type { TeachEvent } from '#teach/types.ts';
import { tinyChatGguf } from '../fixtures/tiny-chat.ts';

export const model = 'library:tiny';

export const newPlace = () => ({
	store: openMemoryStore(),
	adapters: openMemoryStore().files,
	projects: openMemoryStore().files,
});
export type Place = ReturnType<typeof newPlace>;

export interface Opening {
	readonly place?: Place;
	readonly hear?: (event: TeachEvent) => void;
	/** A GGUF file; the tiny model unless told. */
	readonly weights?: Uint8Array;
	/** Trains on the kernel in a page, on ONNX Runtime in a terminal. */
	readonly surface?: 'page' | 'terminal';
	/** Held-out instructions in an examination. */
	readonly instructions?: number;
}
export interface Opened {
	readonly api: TeachApi;
	/** All that was heard. */
	readonly events: readonly TeachEvent[];
	readonly place: Place;
	close(): Promise<void>;
}

/** Weights of a spread at which a few steps teach it a sentence by heart. */
const tiny = await tinyChatGguf(0.3);

export function openTeach({
	place = newPlace(),
	hear = () => undefined,
	weights = tiny,
	surface = 'page',
	instructions = 0,
}: Opening = {}): Opened {
	const events: TeachEvent[] = [];
	const platform = {
		store: place.store,
		now: () => 1_000,
		openModel: async () => {
			const held = { files: [bytesSource('tiny.gguf', weights)], close: () => Promise.resolve() };
			const backends = {
				runtime: () => Promise.resolve(openNodeRuntime(1)),
				kernel: () => openNodeKernel(1),
			};
			const learns = surface === 'terminal' ? { targets: loraTargets } : {};
			return (await openLarge(held, surface, backends, learns)).openEngine();
		},
	};
	const models = createModels(platform, () => undefined);
	const projects = () => Promise.resolve(place.projects);
	const parts = { platform, models, adapters: place.adapters, projects, instructions };
	return {
		api: openTeachApi({
			...parts,
			emit: (event) => {
				events.push(event);
				hear(event);
			},
		}),
		events,
		place,
		close: () => models.dispose(),
	};
}

export const file = (name: string, text: string) => ({ name, blob: new Blob([text]) });
