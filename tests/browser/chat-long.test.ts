/** @file A long conversation in the Chat panel: a real small model on the kernel, which keeps a quarter and shows what it kept. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { openChatApi } from '#chat/chat-api.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { createModels } from '#platform/models.ts';
import type { OpenModel } from '#platform/platform.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { testModel } from '../bench/models.ts';
import { randomModel } from '../model/packing/random-blocks.ts';
import { text } from '../ui/open-page.ts';
import {
	openStored,
	press,
	soon,
	sticksOut,
	violations,
	type StoredPage,
} from '../ui/stored-page.ts';

const spec = {
	...testModel,
	...{ vocabularySize: 128, hiddenSize: 128, intermediateSize: 256, layers: 3 },
	...{ heads: 4, keyValueHeads: 2, headSize: 32, contextLength: 4096, rope: [true, true, true] },
};
/** A token is a character's code. */
const tokenizer: TextTokenizer = {
	vocabularySize: 128,
	endToken: 1,
	padToken: 0,
	encode: (characters) => [...characters].map((c) => c.charCodeAt(0) % 128),
	decode: (codes) => String.fromCharCode(...codes),
};

/** `takesBudget` is what ONNX Runtime and servers lack. */
async function openModel(takesBudget: boolean): Promise<OpenModel> {
	const kernel = await openBrowserKernel(1);
	const weights = randomModel(spec, 'Q4_1').store;
	const engine = await openKernelEngine({ spec, tokenizer, endTokens: [], kernel, weights });
	return {
		name: 'small',
		engine: { ...shareEngine(engine), takesBudget },
		openTrainer: () => Promise.reject(new Error('not part of this test')),
		tokenizer,
		spec,
		tokenizerFiles: new Map(),
		description: 'small',
		dispose: () => engine.dispose(),
	};
}

let opened: StoredPage | undefined;
beforeEach(() => {
	localStorage.clear();
});
afterEach(async () => {
	await opened?.close();
	opened = undefined;
	await page.viewport(1280, 900);
});

const fold = 'What it looked at before it answered';
const passage = 'Plain words of a document. ';
const seen = page.getByRole('region', { name: 'The text, with what was kept' });
/** Runs of one shade: their text, and how deep it is. */
const shades = () =>
	[...seen.element().querySelectorAll('span')].map(({ textContent, style }) => ({
		text: textContent,
		shade: Number(style.getPropertyValue('--shade')),
	}));

async function openChat(takesBudget: boolean): Promise<void> {
	const store = openMemoryStore();
	const platform = { store, now: () => 0, openModel: () => openModel(takesBudget) };
	opened = openStored(store, '#/chat', (emit) =>
		openChatApi({
			platform,
			models: createModels(platform, () => undefined),
			adapters: store.files,
			emit,
			seedlings: ['small'],
		}),
	);
	await page.getByLabelText('Model').selectOptions('small');
	await press('Open').click();
	await soon(() => text('form [role=status]')).toContain('context of 4,096 tokens');
}

test('an engine that keeps all says so, from the length on at which others offer a part', async () => {
	await openChat(false);
	const sentence = page.getByText('what only a model in 4 or 8 bits on the kernel can keep');
	const message = page.getByRole('textbox', { name: 'Your message' });
	await message.fill('Short.');
	expect(sentence.elements()).toHaveLength(0);
	await message.fill(passage.repeat(400));
	await expect.element(sentence).toBeVisible();
	expect(page.getByText('Keep a quarter of a long conversation').elements()).toHaveLength(0);
	expect(await violations()).toEqual([]);
});

test('what it looked at is shown by the first click, for all heads and for one', async () => {
	await openChat(true);
	await page.getByText('Answer settings').click();
	await page.getByRole('textbox', { name: 'Longest answer' }).fill('24');
	await userEvent.keyboard('{Tab}');
	const message = page.getByRole('textbox', { name: 'Your message' });
	await message.fill(`${passage.repeat(80)}What does it say?`);
	await press('Send').click();
	// The first turn was read in 32 bits.
	await expect.element(page.getByLabelText('Held in')).toHaveValue('q8');
	await page.getByRole('checkbox', { name: 'Keep a quarter of a long conversation' }).click();
	await message.fill('And what else?');
	await press('Send').click();
	await expect.element(page.getByText(fold)).toBeVisible();
	await message.fill('A draft.');
	await page.getByText(fold).click();
	// What was being written is still there: the fold did not build the panel anew.
	await soon(() => seen.elements()).toHaveLength(1);
	await expect.element(message).toHaveValue('A draft.');
	const all = shades();
	const whole = all.map((run) => run.text).join('');
	expect(whole).toContain(passage.repeat(80));
	expect(whole.endsWith('And what else?')).toBe(true);
	expect(Math.max(...all.map(({ shade }) => shade))).toBe(6);
	expect(Math.min(...all.map(({ shade }) => shade))).toBe(0);
	// One head keeps a token or does not.
	const slider = page.getByRole('slider', { name: 'Head' });
	slider.element().focus();
	await userEvent.keyboard('{ArrowRight}{ArrowRight}');
	expect(slider.element().getAttribute('aria-valuetext')).toBe('head 2');
	page.getByRole('slider', { name: 'Layer' }).element().focus();
	await userEvent.keyboard('{ArrowRight}');
	const kept = () => shades().filter(({ shade }) => shade === 6);
	const lengthOf = (runs: readonly { readonly text: string }[]) =>
		runs.reduce((sum, run) => sum + run.text.length, 0);
	await soon(() => new Set(shades().map(({ shade }) => shade))).toEqual(new Set([0, 6]));
	expect(lengthOf(kept())).toBe(Math.ceil(whole.length / 4));
	const second = kept();
	await page.getByTitle('layer 1, head 1', { exact: true }).hover();
	await expect.element(page.getByText('layer 1, head 1', { exact: true })).toBeVisible();
	await soon(kept).not.toEqual(second);
	expect(lengthOf(kept())).toBe(Math.ceil(whole.length / 4));
	await page.getByRole('heading', { name: 'Chat' }).hover();
	await soon(kept).toEqual(second);
	expect(await violations()).toEqual([]);
	await page.viewport(390, 900);
	expect(sticksOut()).toBeLessThanOrEqual(0);
});
