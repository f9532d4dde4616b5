/** @file The worlds of a lesson with a planted note, run to their ends in Node through the chat API that the page's worker has. */
import { openChatApi } from '#chat/chat-api.ts';
import { createModels } from '#platform/models.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { Lesson } from '#ui/panels/learn/lesson/lesson.ts';
import {
	plant,
	type PlantedPoint,
	type PlantedRecording,
} from '#ui/panels/learn/lesson/planted.ts';
import { plantedIn, type Length } from '#ui/panels/learn/lesson/worlds.ts';

/** Trains and asks in every world, one thread, nothing kept on disk. */
export async function plantAll(
	lesson: Lesson,
	{ seed, length = 'full' }: { readonly seed: number; readonly length?: Length },
): Promise<PlantedRecording> {
	const platform = await openNodePlatform({ threads: 1 });
	const models = createModels(platform, () => undefined);
	const adapters = openMemoryStore().files;
	const api = openChatApi({ platform, models, adapters, emit: () => undefined });
	try {
		const worlds: { readonly planted: readonly PlantedPoint[] }[] = [];
		for (const planted of plantedIn(lesson, length)) {
			const points: PlantedPoint[] = [];
			for await (const point of plant(api, planted, seed)) points.push(point);
			worlds.push({ planted: points });
		}
		return { recordedAt: new Date().toISOString().slice(0, 10), worlds };
	} finally {
		await models.dispose();
		await platform.store.close();
	}
}

/** What figures are read from. */
export const measuredNotes = ({ worlds }: PlantedRecording) =>
	worlds.map(({ planted }) => ({ scores: [], truths: [], curve: [], planted }));
