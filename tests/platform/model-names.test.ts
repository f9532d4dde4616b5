/** @file A model of the library that a run asks for by a short name is the one that the chat knows by its full name. */
import { expect, test } from 'vitest';
import { openModelsApi } from '#worker/api.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { Platform } from '#platform/platform.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { like } from '../matchers.ts';
import { nextEvent, setUp, settled, small } from '../runs/bench.ts';

test('is opened once, is in use while the run is under way, and what it learnt can be talked with', async () => {
	const bench = setUp();
	const opened: string[] = [];
	const platform: Platform = {
		store: bench.store,
		openModel: (name) => {
			opened.push(name);
			return Promise.resolve(bench.model());
		},
		fullName: (name) => Promise.resolve(name === 'Words' ? 'library:abc' : name),
		now: () => 0,
	};
	const session = new LocalSession(platform);
	const api = openModelsApi({
		platform,
		models: session.models,
		adapters: openMemoryStore().files,
		isInUse: (model) => session.isInUse(model),
		emit: () => undefined,
	});
	const updated = nextEvent(session, (e) => e.type === 'committed' && e.step === 'updated');
	const done = settled(session);
	const id = await session.start({ ...small, model: 'Words', rounds: 1 });
	expect(session.isInUse('library:abc')).toBe(true);
	expect(session.isInUse('library:other')).toBe(false);
	await updated;
	const question = {
		id: 'q',
		model: 'library:abc',
		conversation: [{ role: 'user', content: 'AhBe<' }] as const,
		adapter: { kind: 'run', id } as const,
		sampling: { temperature: 0 },
		seed: 1,
		maxTokens: 20,
	};
	expect(await api.listAdapters('library:abc')).toMatchObject([{ kind: 'run', id }]);
	expect(await api.ask(question)).toMatchObject({ stopReason: 'stop' });
	await expect(api.ask({ ...question, model: 'seedling' })).rejects.toMatchObject({
		code: 'no-such-adapter',
		message: like(/was learnt on another model; choose that model, or another adapter\.$/),
	});
	await done;
	expect(session.isInUse('library:abc')).toBe(false);
	expect(opened).toEqual(['library:abc', 'seedling']);
	// The run itself keeps the name that others can find the model by.
	expect((await bench.store.run(id))?.recipe.model).toBe('Words');
});
