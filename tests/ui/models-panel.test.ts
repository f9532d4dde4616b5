/** @file The list of models over a real hub and the real library API: what can be done with one whose way here ended early. */
import { beforeAll, expect, test } from 'vitest';
import type { LibraryEvent } from '#library/library-api.ts';
import { ApiClient } from '#ui/state/api.ts';
import { Live } from '#ui/state/live.svelte.ts';
import { language } from '#ui/language/language.svelte.ts';
import { ModelsState } from '#ui/panels/models/models.svelte.ts';
import { gguf, name, useBench } from '../chat/api-bench.ts';
import { clientOver } from './client-over.ts';
import { silentSession } from './silent-session.ts';

const bench = useBench();

beforeAll(async () => {
	for (const part of ['more', 'models'] as const) await language.load(part);
});

/** The panel's state over the bench; `heard` is told every event after it. */
function openPanel(heard: (event: LibraryEvent) => void = () => undefined): ModelsState {
	const client = clientOver(silentSession(), (hear) => ({
		...bench.open({
			emit: (event) => {
				hear(event);
				heard(event);
			},
		}),
		keepOffline: () => Promise.resolve(true),
	}));
	const live = new Live(
		() => Promise.resolve(client),
		() => 'auto',
		() => undefined,
	);
	const models = new ModelsState(new ApiClient(live));
	models.follow();
	return models;
}
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 });

test('a download that was paused can be resumed, and one that broke says why', async () => {
	const models = openPanel();
	expect(await models.look(name)).toBe(true);
	bench.hub.mood = { slowMs: 15 };
	void models.download();
	await soon(() => models.progress.size).toBe(1);
	const [entry] = models.entries ?? [];
	if (!entry) throw new Error('it is not listed');
	models.pause(entry);
	await soon(() => models.progress.size).toBe(0);
	await soon(() => models.entries?.[0]?.state).toBe('partial');

	bench.hub.mood = { status: 503 };
	void models.resume(entry);
	await soon(() => models.said?.words).toMatch(/answered 503/);
	expect(models.progress.size).toBe(0);
	bench.hub.mood = {};
	void models.resume(entry);
	await soon(() => models.entries?.[0]?.state).toBe('complete');
});

test('a copy that was stopped is not said to be here', async () => {
	const models: ModelsState = openPanel((event) => {
		if (event.type === 'model-progress') void bench.library.list().then(stop);
	});
	const stop = (entries: Awaited<ReturnType<typeof bench.library.list>>) => {
		for (const entry of entries) models.pause(entry);
	};
	await models.add([{ name: 'tiny.gguf', blob: new Blob([new Uint8Array(gguf)]) }]);
	expect(models.said).toMatchObject({ failed: false });
	expect(models.said?.words).toMatch(/^Stopped: nothing of .* was kept\.$/);
	expect(models.entries).toEqual([]);
});
