/** @file The Teach API over a tiny real model on the kernel, in memory. */
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
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

export interface Opened {
	readonly api: TeachApi;
	readonly place: Place;
	close(): Promise<void>;
}

/** Weights of a spread at which a few steps teach it a sentence by heart. */
const tiny = await tinyChatGguf(0.3);

export function openTeach(
	place: Place = newPlace(),
	hear: (event: TeachEvent) => void = () => undefined,
): Opened {
	const platform = {
		store: place.store,
		now: () => 1_000,
		openModel: async () => {
			const held = { files: [bytesSource('tiny.gguf', tiny)], close: () => Promise.resolve() };
			const backends = {
				runtime: () => Promise.resolve(openNodeRuntime(1)),
				kernel: () => openNodeKernel(1),
			};
			return (await openLarge(held, 'page', backends)).openEngine();
		},
	};
	const models = createModels(platform, () => undefined);
	const projects = () => Promise.resolve(place.projects);
	const parts = { platform, models, adapters: place.adapters, projects, instructions: 0 };
	return {
		api: openTeachApi({ ...parts, emit: hear }),
		place,
		close: () => models.dispose(),
	};
}

export const file = (name: string, text: string) => ({ name, blob: new Blob([text]) });
