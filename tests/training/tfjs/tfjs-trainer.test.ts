/** @file The tfjs trainer in Node, on plain JavaScript and on wasm. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { BackendError } from '#base/backend-error.ts';
import { namedError, type TfjsOptions } from '#training/tfjs/tfjs-backend.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { describeTrainer } from '../../contracts/describe-trainer.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';

const wasmPaths = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`;
const optionsOf = {
	cpu: { backend: 'cpu' },
	wasm: { backend: 'wasm', wasmPaths },
	'wasm, plain linear': { backend: 'wasm', wasmPaths, linear: 'plain' },
} as const satisfies Record<string, TfjsOptions>;

for (const [name, options] of Object.entries(optionsOf))
	describeTrainer(`tfjs, ${name}`, {
		open: tfjsGradients(options),
		memory: () => tf.memory().numTensors + tf.memory().numBytes,
	});

test.each(Object.entries(optionsOf))(
	'on %s a disposed back end leaves no tensor behind',
	async (_, options) => {
		const fixture = await loadTransformerFixture('smollm3-mixed');
		const before = tf.memory().numTensors;
		const backend = await tfjsGradients(options)(
			fixture.spec,
			fixture.weights,
			fixture.adapter.parameters,
		);
		await backend.gradients(fixture.adapter.tensors, fixture.batch);
		await backend.logprobs(fixture.adapter.tensors, fixture.batch);
		expect(tf.memory().numTensors).toBeGreaterThan(before);
		await backend.dispose();
		expect(tf.memory().numTensors).toBe(before);
	},
);

test('two back ends of the page may compute at the same time', async () => {
	const fixture = await loadTransformerFixture('qwen3-norm');
	const { spec, weights, adapter, batch } = fixture;
	const open = (options: TfjsOptions) => tfjsGradients(options)(spec, weights, adapter.parameters);
	const [cpu, wasm] = [await open(optionsOf.cpu), await open(optionsOf.wasm)];
	const results = await Promise.all(
		[cpu, wasm, cpu, wasm].map((backend) => backend.gradients(adapter.tensors, batch)),
	);
	for (const { loss } of results)
		expect([loss / batch.normaliser]).toBeAllclose([fixture.lora.loss]);
	await cpu.dispose();
	await wasm.dispose();
});

test('a back end that is not here is refused by name', async () => {
	const { spec, weights, adapter } = await loadTransformerFixture('smollm3-nope');
	const opening = tfjsGradients({ backend: 'webgpu' })(spec, weights, adapter.parameters);
	await expect(opening).rejects.toMatchObject({
		name: 'BackendError',
		code: 'not-available',
		message: 'tfjs has no webgpu back end here; use wasm or cpu.',
	});
});

test('a missing weight is named', async () => {
	const { spec, weights, adapter } = await loadTransformerFixture('smollm3-nope');
	const lacking = new Map([...weights].filter(([name]) => !name.includes('down_proj')));
	await expect(
		tfjsGradients({ backend: 'cpu' })(spec, lacking, adapter.parameters),
	).rejects.toThrow('model.layers.0.mlp.down_proj.weight is missing in the base model.');
});

test.each([
	['RuntimeError: memory access out of bounds', 'out-of-memory'],
	['Array buffer allocation failed', 'out-of-memory'],
	['Aborted(OOM)', 'out-of-memory'],
	['Invalid typed array length: 4294967296', 'out-of-memory'],
	["Failed to execute 'mapAsync' on 'GPUBuffer': [Device] is lost.", 'device-lost'],
])('"%s" is known as %s', (message, code) => {
	expect(namedError(new Error(message))).toMatchObject({ code });
	expect(namedError(new Error(message))).toBeInstanceOf(BackendError);
});

test('an error of another kind passes through', () => {
	const error = new TypeError('x is not a function');
	expect(namedError(error)).toBe(error);
});
