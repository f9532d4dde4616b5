/** @file Which model of the library a run means by a short name, and what becomes of models whose engine is lost. */
import { describe, expect, test } from 'vitest';
import { WorkerLostError } from '#graph/runtime/worker-lost.ts';
import { createModels } from '#platform/models.ts';
import { isCalled } from '#platform/model-name.ts';
import type { OpenModel } from '#platform/platform.ts';
import { record, setUp, settled, small } from '../runs/bench.ts';

test.each([
	['HuggingFaceTB/SmolLM2-135M-Instruct', true],
	['someone/smollm2-135m-instruct-GGUF SmolLM2-135M-Instruct.Q4_1.gguf', true],
	['SmolLM2-135M-Instruct.Q4_1', true],
	['someone/SmolLM2-360M-Instruct', false],
	['My SmolLM2-135M-Instruct', false],
])('%s is called SmolLM2-135M-Instruct: %s', (name, called) => {
	expect(isCalled(name, 'SmolLM2-135M-Instruct')).toBe(called);
});

test('a lost model is dropped once; one that has its place already is left alone', async () => {
	const { store, model } = setUp();
	let closed = 0;
	const openModel = () => {
		const opened = model();
		const dispose = () => {
			closed++;
			return Promise.resolve();
		};
		return Promise.resolve({ ...opened, dispose });
	};
	const models = createModels({ store, openModel, now: () => 0 }, () => undefined);
	const first = await models.open('reversal');
	let lose = (): void => undefined;
	const until = new Promise<void>((resolve) => (lose = resolve));
	const lost = () => Promise.reject(new WorkerLostError('out of reach'));
	const late = expect(models.using('reversal', () => until.then(lost))).rejects.toThrow(/stopped/);
	for (let again = 0; again < 2; again++)
		await expect(models.using('other', lost)).rejects.toThrow('out of reach');
	expect(closed).toBe(2);
	await Promise.all(
		[1, 2].map(() => expect(models.using('reversal', lost)).rejects.toThrow('out of reach')),
	);
	expect(closed).toBe(3);
	const next = await models.open('reversal');
	expect(next).not.toBe(first);
	lose();
	await late;
	expect(await models.open('reversal')).toBe(next);
	await expect(models.using('reversal', () => Promise.reject(new Error('no')))).rejects.toThrow();
	expect(await models.open('reversal')).toBe(next);
	expect(closed).toBe(3);
});

describe('a run whose compute worker stops', () => {
	const lost = new WorkerLostError('out of reach');

	/** The model whose engine fails in the midst of the run. */
	const failing = (opened: OpenModel): OpenModel => {
		let calls = 0;
		const { engine } = opened;
		return {
			...opened,
			engine: {
				...engine,
				generate: (prompts, options) =>
					++calls === 12 ? Promise.reject(lost) : engine.generate(prompts, options),
			},
		};
	};

	test('goes on with the fallback', async () => {
		const { open, model } = setUp();
		const failures: string[] = [];
		const session = open({
			openModel: () => Promise.resolve(failing(model())),
			openFallback: (_name, { message }) => {
				failures.push(message);
				return Promise.resolve(model());
			},
		});
		const done = settled(session);
		await session.start(small);
		await done;
		expect(failures).toEqual(['A compute worker stopped (out of reach); open the model again.']);
	});

	test('without one opens the same model anew, and goes on by itself', async () => {
		const { open, model } = setUp();
		let openings = 0;
		const session = open({
			openModel: () => Promise.resolve(openings++ > 0 ? model() : failing(model())),
		});
		const events = record(session);
		const done = settled(session);
		await session.start(small);
		await done;
		expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
		expect(openings).toBe(2);
	});
});
