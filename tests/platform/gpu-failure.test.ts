/** @file What stands between a GPU and the session names failures, and takes nothing else away. */
import { afterAll, expect, test } from 'vitest';
import { BackendError } from '#base/backend-error.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { ExternalData, GraphRuntime } from '#graph/runtime/runtime.ts';
import { trainingGraph } from '#model/graphs/training-graph.ts';
import { loraTargets, type Parameters } from '#model/adapter.ts';
import { namedGradients, namedRuntime } from '#platform/backends/gpu-failure.ts';
import { initialiseModel } from '#training/initialise.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';

const spec = tinySpec([...'_$abcdefgh']);
const lora: Parameters = { kind: 'lora', rank: 2, alpha: 2, targets: loraTargets };
const runtime = openNodeRuntime(1);
afterAll(() => runtime.dispose());

test('a back end still parts a batch of short and long rows', async () => {
	const open = namedGradients(tfjsGradients({ backend: 'cpu' }));
	const backend = await open(spec, initialiseModel(spec, 1), lora);
	const weights = new Float32Array(4 * 31);
	weights.fill(1, 0, 31);
	for (const row of [1, 2, 3]) weights.fill(1, row * 31, row * 31 + 3);
	const batch = { batch: 4, length: 32, tokens: new Int32Array(128), weights, normaliser: 40 };
	expect(backend.split?.(batch).map(({ length }) => length)).toEqual([8, 32]);
	await backend.dispose();
});

test('a runtime still gets the constants of a graph', async () => {
	const given: unknown[] = [];
	const open: GraphRuntime['open'] = (model, constants) => {
		given.push(constants);
		return runtime.open(model);
	};
	const none: AsyncIterable<ExternalData> = (async function* () {})();
	const session = await namedRuntime({ ...runtime, open }).open(
		trainingGraph(spec, lora, 'merged'),
		none,
	);
	expect(given).toEqual([none]);
	await session.release();
});

test('whatever fails says that wasm is left, and a known failure keeps its code', async () => {
	const failing = (error: Error) =>
		namedGradients(() => Promise.reject(error))(spec, new Map(), lora);
	const unknown = await failing(new Error('no adapter')).catch((error: unknown) => error);
	expect(unknown).toBeInstanceOf(BackendError);
	expect(unknown).toMatchObject({
		code: 'not-available',
		message: 'WebGPU failed (no adapter); use wasm.',
	});
	await expect(failing(new Error('device was lost'))).rejects.toMatchObject({
		code: 'device-lost',
	});
});
