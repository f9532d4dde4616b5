/** @file The shelf of models over a real hub and a real desk: what can be done with one whose way here ended early. */
import { expect, test } from 'vitest';
import type { Desk } from '#worker/api.ts';
import type { LibraryEvent } from '#library/library-api.ts';
import { ApiClient } from '#ui/state/api.svelte.ts';
import { Live } from '#ui/state/live.svelte.ts';
import { ModelsState } from '#ui/panels/models/models.svelte.ts';
import { gguf, name, useBench } from '../chat/api-bench.ts';
import { silentSession } from './silent-session.ts';

const bench = useBench();

/** The panel's shelf over the bench; `heard` is told every event after it. */
function openShelf(heard: (event: LibraryEvent) => void = () => undefined): ModelsState {
	const session = silentSession();
	session.openDesk = (hear) => {
		const tell = (event: LibraryEvent) => {
			hear(event);
			heard(event);
		};
		// Only models are asked for here.
		const desk: Partial<Desk> = {
			...bench.open({ tell }),
			keepOffline: () => Promise.resolve(true),
		};
		return Promise.resolve({ desk: desk as Desk, close: () => undefined, isClosed: false });
	};
	const live = new Live(
		() => Promise.resolve(session),
		() => 'auto',
		() => undefined,
	);
	const shelf = new ModelsState(new ApiClient(live));
	shelf.follow();
	return shelf;
}
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });

test('a download that was paused can be resumed, and one that broke says why', async () => {
	const shelf = openShelf();
	expect(await shelf.look(name)).toBe(true);
	bench.hub.mood = { slowMs: 15 };
	shelf.download();
	await soon(() => shelf.progress.size).toBe(1);
	const [entry] = shelf.entries ?? [];
	if (!entry) throw new Error('it is not listed');
	shelf.pause(entry);
	await soon(() => shelf.progress.size).toBe(0);
	await soon(() => shelf.entries?.[0]?.state).toBe('partial');

	bench.hub.mood = { status: 503 };
	shelf.resume(entry);
	await soon(() => shelf.said?.words).toMatch(/answered 503/);
	expect(shelf.progress.size).toBe(0);
	bench.hub.mood = {};
	shelf.resume(entry);
	await soon(() => shelf.entries?.[0]?.state).toBe('complete');
});

test('a copy that was stopped is not said to be here', async () => {
	const shelf: ModelsState = openShelf((event) => {
		if (event.type === 'model-progress') void bench.library.list().then(stop);
	});
	const stop = (entries: Awaited<ReturnType<typeof bench.library.list>>) => {
		for (const entry of entries) shelf.pause(entry);
	};
	await shelf.add([{ name: 'tiny.gguf', blob: new Blob([new Uint8Array(gguf)]) }]);
	expect(shelf.said).toMatchObject({ failed: false });
	expect(shelf.said?.words).toMatch(/^Stopped: nothing of .* was kept\.$/);
	expect(shelf.entries).toEqual([]);
});
