/** @file The table of a model's engines and trainers: which row is taken, what is told, and the two ends that Node can open. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { BackendError } from '#base/backend-error.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import {
	openSmall,
	rowFor,
	rows,
	type Conditions,
	type PageConditions,
	type Target,
} from '#platform/open-model.ts';
import { openModelAt } from '#platform/open-node.ts';

const gpu = { name: 'nvidia ampere', isEmulated: false };
const emulated = { name: 'google swiftshader', isEmulated: true };
const lost = new BackendError('device-lost', 'It went away.');
const full = new BackendError('out-of-memory', 'Too much.');
const refused = new BackendError('not-available', 'WebGPU failed (no adapter); use wasm.');

const small: readonly (readonly [PageConditions, Target, string, string | undefined])[] = [
	[{ compute: 'wasm', gpu }, 'wasm', 'graph', undefined],
	[
		{ compute: 'auto', gpu },
		'wasm',
		'tfjs',
		'A WebGPU device (nvidia ampere) trains; answers come from E.',
	],
	[
		{ compute: 'auto', gpu: { ...gpu, name: '' } },
		'wasm',
		'tfjs',
		'A WebGPU device trains; answers come from E.',
	],
	[
		{ compute: 'auto', gpu: emulated },
		'wasm',
		'graph',
		"This browser's only WebGPU device is emulated (google swiftshader): training on E.",
	],
	[{ compute: 'auto', gpu: null }, 'wasm', 'graph', 'No WebGPU device: training on E.'],
	[{ compute: 'webgpu', gpu }, 'webgpu', 'tfjs', undefined],
	[{ compute: 'webgpu', gpu: emulated }, 'webgpu', 'tfjs', undefined],
	[{ compute: 'webgpu', gpu: null }, 'wasm', 'graph', 'No WebGPU device: all runs on E.'],
	[
		{ compute: 'webgpu', gpu, refused },
		'wasm',
		'graph',
		'WebGPU failed (no adapter); use wasm. All runs on E.',
	],
	[
		{ lost },
		'wasm',
		'graph',
		'The GPU device was lost. The run went on from its last finished step, on wasm.',
	],
	[
		{ lost: full },
		'wasm',
		'graph',
		'Memory ran out. The run went on from its last finished step, on wasm.',
	],
	[
		{ lost: refused },
		'wasm',
		'graph',
		'WebGPU failed (no adapter); use wasm. The run went on from its last finished step, on wasm.',
	],
];

test.each(small)(
	'a small model in a page, %j, opens on %s with %s',
	(page, place, trainer, note) => {
		const conditions = { at: 'page', size: 'small', ...page } as const;
		const row = rowFor(conditions);
		expect([row.place, row.trainer, row.note?.('E', conditions)]).toEqual([place, trainer, note]);
	},
);

test('a large model learns on the kernel in a page and on ONNX Runtime in the terminal', () => {
	expect(rowFor({ at: 'page', size: 'large' })).toMatchObject({ place: 'wasm', trainer: 'kernel' });
	expect(rowFor({ at: 'terminal', size: 'large' })).toMatchObject({
		place: 'node',
		trainer: 'layers',
	});
});

test('every row is taken under some conditions', () => {
	const asked: Conditions[] = [
		...small.map(([page]) => ({ at: 'page', size: 'small', ...page }) as const),
		{ at: 'page', size: 'large' },
		{ at: 'terminal', size: 'small' },
		{ at: 'terminal', size: 'large' },
	];
	expect(new Set(asked.map(rowFor))).toEqual(new Set(rows));
});

describe('a small model', () => {
	const folder = new URL('../../public/models/addition/', import.meta.url);
	const read = (name: string) => readFile(new URL(name, folder));
	const kernel = () => openNodeKernel(1);

	test('whose WebGPU is not to be had opens on wasm instead, and says why', async () => {
		const asked: Target[] = [];
		const model = await openSmall(
			'addition',
			read,
			{ at: 'page', size: 'small', compute: 'webgpu', gpu },
			{
				runtime: (place) => {
					asked.push(place);
					return place === 'webgpu'
						? Promise.reject(new Error('no adapter'))
						: Promise.resolve(openNodeRuntime(1));
				},
				kernel,
			},
		);
		expect(asked).toEqual(['webgpu', 'wasm']);
		expect(model.name).toBe('addition');
		expect(model.description).toBe(`onnx, ${model.engine.description}`);
		expect(model.note).toBe(
			`ONNX Runtime did not start (no adapter); reload, or try another browser. All runs on ${model.engine.description}.`,
		);
		await model.dispose();
	});

	test('that fails on wasm fails, with the reason', async () => {
		const opening = openSmall(
			'addition',
			read,
			{ at: 'page', size: 'small', compute: 'wasm' },
			{ runtime: () => Promise.reject(new Error('no threads')), kernel },
		);
		await expect(opening).rejects.toMatchObject({
			code: 'not-available',
			message: expect.stringContaining('no threads') as unknown,
		});
	});
});

describe('a large model', () => {
	const path = new URL('../fixtures/tiny-chat.gguf', import.meta.url).pathname;

	test('says the same in every form of its weights, as far as blocks hold them', async () => {
		const said: unknown[] = [];
		for (const form of ['auto', 'f32'] as const) {
			const model = await (await openModelAt(path, { form, threads: 1 })).openEngine();
			const [answer] = await model.engine.generate(['a'], { maxTokens: 8 });
			said.push(answer?.tokens);
			await model.dispose();
		}
		expect(said[0]).toEqual(said[1]);
	});

	test('is asked how its layers are held only when a trainer is opened, and is closed once', async () => {
		let asked = 0;
		const model = await openModelAt(path, { threads: 1, layers: () => (asked++, {}) });
		expect(asked).toBe(0);
		const lora = { kind: 'lora', rank: 1, alpha: 1, targets: ['q_proj'] } as const;
		const trainer = await model.openTrainer(lora, {}, { seed: 1 });
		expect(asked).toBe(1);
		await trainer.dispose();
		await Promise.all([model.dispose(), model.dispose()]);
	});
});
