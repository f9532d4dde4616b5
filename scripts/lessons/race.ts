/** @file The worlds of a lesson, run to their ends in Node: one after the other, one thread, nothing kept on disk. */
import { openNodePlatform } from '#platform/open-node.ts';
import { createModels } from '#platform/models.ts';
import { openInsideApi } from '#runs/inside/inside-api.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { RecordedEvent } from '#runs/stored/recording.ts';
import type { Changes } from '#runs/stored/changes.ts';
import { isScore } from '#runs/stored/score.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { Measured } from '#ui/panels/learn/lesson/figures.ts';
import { itemsLookedInto, type Lesson } from '#ui/panels/learn/lesson/lesson.ts';
import { worldsOf, type Length } from '#ui/panels/learn/lesson/worlds.ts';
import { catalogue } from './catalogue.ts';

/** A world that came to its end. */
export interface Finished {
	readonly run: RunRecord;
	readonly events: readonly RecordedEvent[];
	/** Of a lesson that looks into adapters. */
	readonly changes?: Changes;
}

/** Seed and length of the runs, and a base model for lessons whose environment has none of ours. */
export interface RaceOptions {
	readonly seed?: number;
	readonly length?: Length;
	/** Path of a `.gguf` file or a folder, or the name of a fetched model. */
	readonly model?: string | undefined;
}

/** Runs every world; throws the failure of the first that fails. */
export async function race(
	lesson: Lesson,
	{ model, ...options }: RaceOptions = {},
): Promise<readonly Finished[]> {
	const platform = await openNodePlatform({ threads: 1 });
	const session = new LocalSession(platform);
	const inside = openInsideApi({
		...{ models: createModels(platform, () => undefined), store: platform.store },
		emit: () => undefined,
	});
	try {
		const finished: Finished[] = [];
		for (const start of worldsOf(lesson, catalogue, options)) {
			const events: RecordedEvent[] = [];
			const began = performance.now();
			let settle: (event: SessionEvent) => void = () => undefined;
			const ended = new Promise<void>((resolve, reject) => {
				settle = (event) => {
					if (event.type === 'failed') reject(new Error(event.error.message));
					if (event.type === 'status' && event.status === 'finished') resolve();
				};
			});
			// A new listener is told of the run before first.
			let isOwn = false;
			const quiet = session.subscribe((event) => {
				isOwn ||= event.type === 'run' && event.run.status === 'running';
				if (!isOwn && event.type !== 'opened') return;
				events.push({ atMs: Math.round(performance.now() - began), event });
				settle(event);
			});
			const id = await session.start({ ...start, ...(model !== undefined && { model }) });
			await ended;
			quiet();
			const run = await platform.store.run(id);
			if (!run) throw new Error(`The run ${id} is gone.`);
			const { looksInto: difficulty } = lesson;
			const changes =
				difficulty !== undefined &&
				(await inside.adapterChanges(id, { difficulty, items: itemsLookedInto }));
			finished.push({ run, events, ...(changes && { changes }) });
		}
		return finished;
	} finally {
		await session.dispose();
	}
}

/** What figures are read from. */
export const measured = ({ scores, truths, curve }: RunRecord): Measured => ({
	scores: scores.filter(isScore),
	truths,
	curve,
});
