/** @file A training handed over to a bigger machine: its folder holds what is needed and nothing private, and TRL goes the same way with it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { writeLesson } from '#chat/lesson.ts';
import { trainRows } from '#chat/train-rows.ts';
import { readRows } from '#cli/tune-rows.ts';
import { openModelAt } from '#platform/open-node.ts';
import { openHandOver } from '#teach/handover/open.ts';
import { trlRows } from '#teach/handover/rows.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

const fixture = (name: string): string =>
	new URL(`../fixtures/handover/${name}`, import.meta.url).pathname;
const expected = JSON.parse(await readFile(fixture('losses.json'), 'utf8')) as Readonly<
	Record<'sft' | 'dpo', readonly number[]>
>;
const seedling = new URL('../../public/models/addition', import.meta.url).pathname;
/** As in the fixture's make.py. */
const settings = { steps: 10, batch: 4, rank: 4, alpha: 8, learningRate: 2e-3, seed: 3 };
const maxTokens = 64;
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe('ten steps of TRL from the folder, by two processes,', () => {
	test.each(['sft', 'dpo'] as const)('have our losses within 1 %: %s', async (method) => {
		const { training } = await readRows([fixture(`${method}.jsonl`)], {}, 0);
		const model = await openModelAt(seedling, { threads: 1 });
		try {
			const { samples } = writeLesson(model, training, maxTokens);
			const rows = { training: samples, validation: [] };
			const trained = await trainRows(model, rows, settings, new AbortController().signal);
			const losses = trained?.points.map(({ loss }) => loss) ?? [];
			expect(losses).toHaveLength(10);
			losses.forEach((loss, i) => {
				const theirs = expected[method][i] ?? NaN;
				expect(Math.abs(loss / theirs - 1), `step ${i + 1}`).toBeLessThan(0.01);
			});
		} finally {
			await model.dispose();
		}
	});
});

describe('the folder', () => {
	test('holds rows, batches, rates, adapter, script and README, and no name of a file or person', async () => {
		const { training, validation } = await readRows(
			[fixture('dpo.jsonl'), fixture('sft.jsonl')],
			{},
			0.2,
		);
		const model = await openModelAt(seedling, { threads: 1 });
		try {
			const files = await openHandOver(model, {
				...{ base: 'addition', training, validation, settings, maxTokens },
			});
			expect([...files.keys()].sort()).toEqual([
				'README.md',
				'config.json',
				'data/dpo-training.jsonl',
				'data/dpo-validation.jsonl',
				'data/sft-training.jsonl',
				'data/sft-validation.jsonl',
				'order.json',
				'requirements.txt',
				'start/adapter_config.json',
				'start/adapter_model.safetensors',
				'train.py',
			]);
			const order = JSON.parse(text(files.get('order.json'))) as Record<string, number[][]>;
			const lines = (name: string) => text(files.get(name)).trim().split('\n').length;
			for (const method of ['sft', 'dpo']) {
				expect(order[method]).toHaveLength(10);
				expect(new Set(order[method]?.map(({ length }) => length))).toEqual(new Set([4]));
				expect(Math.max(...(order[method]?.flat() ?? []))).toBe(
					lines(`data/${method}-training.jsonl`) - 1,
				);
			}
			expect(JSON.parse(text(files.get('config.json')))).toMatchObject({
				...{ methods: ['sft', 'dpo'], seed: 3, beta: 0.1, beta2: 0.99 },
				learningRates: Array.from({ length: 10 }, () => 2e-3),
			});
			const readme = text(files.get('README.md'));
			expect(readme).toContain('accelerate launch train.py --model BASE --method dpo');
			expect(readme).toContain('--max-lora-rank 8');
			for (const [name, bytes] of files) expect(`${name} ${text(bytes)}`).not.toContain('jsonl:');
		} finally {
			await model.dispose();
		}
	});

	const chat = {
		template:
			'{% for m in messages %}<{{ m.role }}>{{ m.content }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}',
		specialTokens: { eos_token: '<|im_end|>' },
	};
	const talk: TrainingRow = {
		messages: [
			{ role: 'user', content: 'One?' },
			{ role: 'assistant', content: 'Two.' },
			{ role: 'user', content: 'Three?' },
			{ role: 'assistant', content: 'Four.' },
		],
	};

	test('has a row for each answer of a conversation, as messages', () => {
		const { sft } = trlRows([talk], chat);
		expect(sft.flat().map((line) => JSON.parse(line) as unknown)).toEqual([
			{
				prompt: [{ role: 'user', content: 'One?' }],
				completion: [{ role: 'assistant', content: 'Two.' }],
			},
			{
				prompt: [
					{ role: 'user', content: 'One?' },
					{ role: 'assistant', content: 'Two.' },
					{ role: 'user', content: 'Three?' },
				],
				completion: [{ role: 'assistant', content: 'Four.' }],
			},
		]);
	});

	test('has conversations beside running text written out by the template', () => {
		const { sft } = trlRows([talk, { prompt: '', completion: 'A note.' }], chat);
		expect(sft.flat().map((line) => JSON.parse(line) as unknown)).toEqual([
			{ prompt: '<user>One?<|im_end|><assistant>', completion: 'Two.<|im_end|>' },
			{
				prompt: '<user>One?<|im_end|><assistant>Two.<|im_end|><user>Three?<|im_end|><assistant>',
				completion: 'Four.<|im_end|>',
			},
			{ prompt: '', completion: 'A note.<|im_end|>' },
		]);
	});
});
