/** @file An answer that keeps a share of its conversation: what its engine is asked for, and what is refused. */
import { expect, test } from 'vitest';
import { openChatApi } from '#chat/chat-api.ts';
import type { CacheBudget } from '#engines/engine.ts';
import { scripted } from '#engines/scripted.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { createModels } from '#platform/models.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';
import { questionTo } from './lesson.ts';

function open(takesBudget: boolean, heard: (CacheBudget | undefined)[] = []) {
	const store = openMemoryStore();
	const engine = scripted({
		script: (_, { options }) => {
			heard.push(options.cache);
			return 'a';
		},
	});
	const model = {
		name: 'm',
		engine: shareEngine({ ...engine, takesBudget }),
		openTrainer: () => Promise.reject(new Error('not part of this test')),
		tokenizer: characterTokenizer({ pad: '_', end: '$', characters: ['a', 'b'] }),
		spec: tinySpec([...'_$ab']),
		tokenizerFiles: new Map(),
		description: 'scripted',
		dispose: () => Promise.resolve(),
	};
	const platform = { store, now: () => 0, openModel: () => Promise.resolve(model) };
	const models = createModels(platform, () => undefined);
	return openChatApi({ platform, models, adapters: store.files, emit: () => undefined });
}
const question = questionTo('m');

test('a share is asked of the engine with the question that says what stays; without one nothing is', async () => {
	const heard: (CacheBudget | undefined)[] = [];
	const api = open(true, heard);
	expect((await api.openChat('m')).tokenBytes).toEqual({ f32: 64, f16: 32, q8: 32 });
	await api.ask(question);
	await api.ask({ ...question, keptShare: 0.25 });
	await api.ask({ ...question, kvType: 'f32' });
	await api.ask({ ...question, kvType: 'q8' });
	await api.ask({ ...question, keptShare: 0.25, kvType: 'f16' });
	const asked = question.conversation.at(-1)?.content;
	const usual = { window: 'auto', kernel: 13, question: asked };
	expect(heard).toEqual([
		undefined,
		{ budget: 0.25, ...usual },
		undefined,
		{ budget: 1 << 20, type: 'q8', ...usual },
		{ budget: 0.25, type: 'f16', ...usual },
	]);
});

test('an engine that keeps all of it offers no part, and a share that is none is refused', async () => {
	const api = open(false);
	expect(await api.openChat('m')).not.toHaveProperty('tokenBytes');
	await expect(api.ask({ ...question, keptShare: 1.5 })).rejects.toThrow(/between 0 and 1/);
	await expect(api.ask({ ...question, kvType: 'q2' as 'q8' })).rejects.toThrow(/f32, f16, q8/);
});
