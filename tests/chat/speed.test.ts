/** @file Speed of a machine: of the open model's engine, of the same model on WebGPU, and why the second was not measured. */
import { expect, test } from 'vitest';
import { openSpeedApi } from '#chat/speed.ts';
import { BackendError } from '#base/backend-error.ts';
import { scripted } from '#engines/scripted.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { createModels } from '#platform/models.ts';
import type { OpenModel, Platform } from '#platform/platform.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { language } from '#ui/language/language.svelte.ts';
import { keepSpeed, keptSpeed, speedInWords } from '#ui/panels/chat/speed/kept-speeds.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';

function modelOn(place: string, closed: string[]): OpenModel {
	const engine = scripted({ script: () => 'word '.repeat(9) });
	return {
		name: 'm',
		engine: shareEngine({ ...engine, description: place }),
		openTrainer: () => Promise.reject(new Error('not part of this test')),
		tokenizer: characterTokenizer({ pad: '_', end: '$', characters: ['a', 'b'] }),
		spec: tinySpec([...'_$ab']),
		tokenizerFiles: new Map(),
		description: place,
		dispose: async () => {
			closed.push(place);
		},
	};
}

/** Measures with a clock that goes on by `ms` each time it is read. */
async function measured(openOnGpu?: Platform['openOnGpu'], ms = 10) {
	const closed: string[] = [];
	const platform: Platform = {
		store: openMemoryStore(),
		now: () => 5,
		openModel: () => Promise.resolve(modelOn('wasm', closed)),
		...(openOnGpu && { openOnGpu }),
	};
	let time = 0;
	const models = createModels(platform, () => undefined);
	const speed = await openSpeedApi({ models, platform, now: () => (time += ms) }).measureSpeed('m');
	return { speed, closed };
}

test('both engines are measured in turn, and the second model is closed', async () => {
	const gone: string[] = [];
	const { speed, closed } = await measured(() => Promise.resolve(modelOn('WebGPU', gone)));
	expect(speed).toMatchObject({ model: 'm', at: 5, here: { runsOn: 'wasm', perSecond: 100 } });
	expect(speed.gpu).toEqual({ runsOn: 'WebGPU', perSecond: 100 });
	expect([gone, closed]).toEqual([['WebGPU'], []]);
});

test('a machine without WebGPU, with one that is emulated, or that fails, says so', async () => {
	expect((await measured()).speed.noGpu).toBe('There is no WebGPU here.');
	const emulated = () => Promise.resolve('WebGPU is only emulated here (swiftshader).');
	expect((await measured(emulated)).speed).toMatchObject({
		noGpu: 'WebGPU is only emulated here (swiftshader).',
	});
	const full = () => Promise.reject(new BackendError('out-of-memory', 'memory is full.'));
	const { speed } = await measured(full);
	expect(speed.noGpu).toBe('WebGPU could not run it: memory is full.');
	expect(speed).not.toHaveProperty('gpu');
	await expect(measured(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
});

test('it is kept for each model, and said with which engine is faster', async () => {
	const kept = new Map<string, string>();
	Object.assign(globalThis, {
		localStorage: {
			getItem: (key: string) => kept.get(key) ?? null,
			setItem: (key: string, text: string) => kept.set(key, text),
		},
	});
	const here = { runsOn: 'wasm, 2 threads', perSecond: 110 };
	const both = { model: 'm', at: 1, here, gpu: { runsOn: 'WebGPU', perSecond: 11 } };
	keepSpeed(both);
	keepSpeed({ model: 'n', at: 2, here, noGpu: 'This browser offers no WebGPU.' });
	expect(keptSpeed('m')).toEqual(both);
	await language.load('chat');
	expect(speedInWords(both)).toBe(
		'110 tokens a second on wasm, 2 threads. 11 tokens a second on WebGPU. So the processor is 10.0 times as fast here for this model, and answers.',
	);
	const other = { ...both, gpu: { runsOn: 'WebGPU', perSecond: 220 } };
	expect(speedInWords(other)).toContain('WebGPU would be 2.0 times as fast here');
	const alone = keptSpeed('n');
	expect(alone && speedInWords(alone)).toBe(
		'110 tokens a second on wasm, 2 threads. This browser offers no WebGPU.',
	);
	expect(keptSpeed('o')).toBeUndefined();
});
