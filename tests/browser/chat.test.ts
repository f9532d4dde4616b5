/** @file The Chat panel in a real browser, over the real chat API and a scripted model. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { scripted } from '#engines/scripted.ts';
import { openChatApi, type ChatApi } from '#chat/chat-api.ts';
import type { ChatAdapter } from '#chat/adapters.ts';
import { createModels } from '#platform/models.ts';
import type { OpenModel } from '#platform/platform.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';
import { text } from '../ui/open-page.ts';
import {
	openStored,
	press,
	soon,
	sticksOut,
	violations,
	type StoredPage,
} from '../ui/stored-page.ts';

const speaker = () =>
	scripted({
		script: (prompt, { options }) => {
			const asked = prompt.trim().split('\n').at(-1)?.replace('user: ', '') ?? '';
			if (asked === 'long') return 'on and on '.repeat(200);
			const kept = options.cache ? ` It kept ${options.cache.budget}.` : '';
			return `You said **${asked.slice(0, 20)}**, seed ${options.seed ?? 0}.${kept}`;
		},
		score: (_prompt, completion) => Array.from(completion, (c) => (c === 'Y' ? -3 : -0.01)),
	});
/** Writes a chat as the engine of this test reads it: a line for each turn. */
const template =
	'{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}';
const model = (): OpenModel => ({
	name: 'scripted',
	engine: shareEngine({ ...speaker(), takesBudget: true }),
	openTrainer: () => Promise.reject(new Error('not part of this test')),
	tokenizer: characterTokenizer({ pad: '_', end: '$', characters: ['a', 'b'] }),
	spec: tinySpec([...'_$ab']),
	tokenizerFiles: new Map(),
	description: 'scripted',
	dispose: () => Promise.resolve(),
	chat: { template, specialTokens: {}, startTokens: [] },
});

let opened: StoredPage | undefined;
afterEach(async () => {
	await opened?.close();
	opened = undefined;
	await page.viewport(1280, 900);
});
beforeEach(() => {
	localStorage.clear();
});

/** The page at its chat; the chat is real, what it opens is scripted. */
function openChat(own = true, part: Partial<ChatApi> = {}): void {
	const store = openMemoryStore();
	const platform = { store, now: () => 0, openModel: () => Promise.resolve(model()) };
	opened = openStored(store, '#/chat', (emit) => ({
		...openChatApi({
			platform,
			models: createModels(platform, () => undefined),
			adapters: store.files,
			emit,
			seedlings: ['reversal'],
			...(own && {
				library: {
					list: () =>
						Promise.resolve([
							{
								id: 'm',
								name: 'Scripted',
								source: { kind: 'files' },
								files: [],
								bytes: 1_000_000,
								held: 1_000_000,
								addedAt: 0,
								state: 'complete',
							},
						]),
				},
			}),
		}),
		...part,
	}));
}

const say = async (words: string): Promise<void> => {
	await page.getByRole('textbox', { name: 'Your message' }).fill(words);
	await userEvent.keyboard('{Enter}');
};
const begin = async (part: Partial<ChatApi> = {}): Promise<void> => {
	openChat(true, part);
	await press('Open').click();
	await soon(() => text('form [role=status]')).toContain('Open: scripted');
};
const answers = () => [...document.querySelectorAll('article')].map((a) => a.textContent);

describe('chat', () => {
	test('without a model of their own people are told where to get one', async () => {
		openChat(false);
		await soon(() => text('main')).toContain('You have no model of your own here yet');
		const link = page.getByRole('link', { name: /Models page/ });
		expect(link.element().getAttribute('href')).toBe('#/models');
		expect(await violations()).toEqual([]);
	});

	test('an answer streams in, with its markdown as elements', async () => {
		await begin();
		await say('hello');
		await soon(() => document.querySelector('article strong')?.textContent).toBe('hello');
		expect(answers()[0]).toContain('base model');
		expect(await violations()).toEqual([]);
		await page.viewport(390, 900);
		expect(sticksOut()).toBeLessThanOrEqual(0);
	});

	test('asked again it draws from the next seed; an edited message drops what came after', async () => {
		await begin();
		await say('one');
		await soon(() => answers()[0]).toContain('seed 1.');
		await say('two');
		await soon(() => answers()[1]).toContain('seed 1.');
		await press('Regenerate').nth(1).click();
		await soon(() => answers()[1]).toContain('seed 2.');
		await press(/^Edit/).first().click();
		await page.getByRole('textbox', { name: 'Your message, edited' }).fill('three');
		await press('Ask this instead').click();
		await soon(() => answers()).toHaveLength(1);
		await soon(() => answers()[0]).toContain('three');
	});

	test('a knob holds from the next answer on; what it may not be is refused by a sentence', async () => {
		await begin();
		await page.getByText('Answer settings').click();
		const seed = page.getByRole('textbox', { name: 'Seed', exact: true });
		await seed.fill('4294967295');
		await userEvent.keyboard('{Tab}');
		await say('one');
		await soon(() => answers()[0]).toContain('seed 4294967295.');
		await seed.fill('-1');
		await userEvent.keyboard('{Tab}');
		await soon(() => text('[role=alert]')).toBe(
			'Seed must be a whole number from 0 to 4294967295; got "-1".',
		);
		await say('two');
		await soon(() => answers()[1]).toContain('seed 4294967295.');
		await press('Back to the usual settings').click();
		await say('three');
		await soon(() => answers()[2]).toContain('seed 1.');
		expect(await violations()).toEqual([]);
		await page.viewport(390, 900);
		expect(sticksOut()).toBeLessThanOrEqual(0);
	});

	test('a long answer can be stopped, and keeps what was said', async () => {
		await begin();
		await say('long');
		await soon(() => answers()[0]).toContain('on and on');
		await press('Stop').click();
		await soon(() => answers()[0]).toContain('Stopped.');
		expect(answers()[0]).toContain('on and on');
	});

	test('every token tells its log-probability, by pointer and by keyboard', async () => {
		await begin();
		await say('hi');
		await soon(() => answers()[0]).toContain('seed 1.');
		await page.getByRole('checkbox', { name: 'show tokens' }).click();
		const list = page.getByRole('listbox', { name: 'Tokens of the answer' });
		const first = list.getByRole('option').first();
		await first.hover();
		await soon(() => text('article')).toContain('“Y”: -3.00 nats, 5.0 %');
		first.element().focus();
		await userEvent.keyboard('{ArrowRight}');
		await soon(() => text('article')).toContain('“o”: -0.01 nats, 99 %');
		expect(await violations()).toEqual([]);
	});

	test('from 2,048 tokens on a quarter of it can be kept, and what each way costs is said', async () => {
		await begin();
		const toggle = page.getByRole('checkbox', { name: 'Keep a quarter of a long conversation' });
		await say('one');
		await soon(() => answers()[0]).toContain('seed 1.');
		expect(toggle.elements()).toHaveLength(0);
		// A token a character.
		await say('wide '.repeat(412));
		await soon(() => answers()[1]).toContain('seed 1.');
		expect(answers()[1]).not.toContain('It kept');
		await toggle.click();
		await say('two');
		await soon(() => answers()[2]).toContain('It kept 0.25.');
		expect(text('main')).toMatch(/All of it: .*B read for each token.*A quarter: .*B read/s);
		expect(await violations()).toEqual([]);
		await page.viewport(390, 900);
		expect(sticksOut()).toBeLessThanOrEqual(0);
		await press('New chat').click();
		expect(toggle.elements()).toHaveLength(0);
	});

	test('the words of a conversation are there after a reload, until a new chat is begun', async () => {
		await begin();
		await say('remember');
		await soon(() => answers()[0]).toContain('seed 1.');
		const kept = localStorage.getItem('evolvarium.chat') ?? '';
		await opened?.close();
		localStorage.setItem('evolvarium.chat', kept);
		openChat();
		await soon(() => answers()[0]).toContain('remember');
		await press('Open Scripted and go on').click();
		await say('and now');
		await soon(() => answers()[1]).toContain('seed 1.');
		expect(localStorage.getItem('evolvarium.chat.model')).toBe('library:m');
		await press('New chat').click();
		await soon(() => answers()).toHaveLength(0);
		expect(localStorage.getItem('evolvarium.chat')).toBe('[]');
	});
});

describe('what would be lost', () => {
	const kept = () => localStorage.getItem('evolvarium.chat') ?? '';

	test('a question is kept before its answer is there', async () => {
		await begin({ ask: () => new Promise(() => undefined) });
		await say('wait for it');
		await soon(kept).toContain('wait for it');
	});

	test('what an answer asked for again dropped, and a chat put away, can be brought back', async () => {
		await begin();
		await say('one');
		await soon(() => answers()[0]).toContain('seed 1.');
		await say('two');
		await soon(() => answers()[1]).toContain('seed 1.');
		await press('Regenerate').first().click();
		await soon(answers).toHaveLength(1);
		await soon(() => answers()[0]).toContain('seed 2.');
		await press('Bring it back').click();
		await soon(answers).toHaveLength(2);
		await soon(() => answers()[0]).toContain('seed 1.');
		await press('New chat').click();
		await press('Bring it back').click();
		await soon(answers).toHaveLength(2);
		expect(kept()).toContain('two');
		expect(await violations()).toEqual([]);
	});

	test('a lesson goes on while another page is shown, and its adapter is chosen at its end', async () => {
		const about = { kind: 'tuned', id: 'x', name: 'Lesson 1', createdAt: 0 } as const;
		const lessons: ((adapter: ChatAdapter) => void)[] = [];
		const adapters: ChatAdapter[] = [];
		await begin({
			tuneChat: () => new Promise((taught) => lessons.push(taught)),
			listAdapters: () => Promise.resolve([...adapters]),
		});
		await say('hi');
		await soon(() => answers()[0]).toContain('seed 1.');
		await press(/good/i).first().click();
		await page.getByText(/^Teach it/).click();
		await press('Train').click();
		await soon(() => lessons.length).toBe(1);
		location.hash = '#/world';
		await soon(answers).toHaveLength(0);
		location.hash = '#/chat';
		await expect.element(press('Stop training')).toBeVisible();
		await expect.element(press('Open')).toBeDisabled();
		adapters.push({ ...about, model: 'library:m' });
		lessons[0]?.({ ...about, model: 'library:m' });
		await soon(() => text('main')).toContain('is kept in this browser, and answers from now on');
		const chosen = page.getByLabelText('Answers from').element();
		expect(chosen instanceof HTMLSelectElement && chosen.value).toBe('tuned x');
		expect(await violations()).toEqual([]);
	});
});
