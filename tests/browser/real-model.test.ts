/** @file The dialog to evolve a real language model, in a real browser, over a session that only writes down what it is told. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import type { LibraryEntry } from '#storage/library/library.ts';
import { button, openPage, type OpenPage } from '../ui/open-page.ts';

const smollm2: LibraryEntry = {
	...{ id: 'own-1', name: 'SmolLM2-135M-Instruct.Q4_1', licence: 'apache-2.0' },
	...{ source: { kind: 'files' }, files: [], bytes: 1, held: 1, addedAt: 0, state: 'complete' },
};
const describeHubModel = (repository: string) =>
	Promise.resolve({
		...{ repository, revision: 'a', option: 'safetensors', options: [], bytes: 269_000_000 },
		...{ licence: 'apache-2.0', isGated: false },
	});
let opened: OpenPage;
const open = async (entries: readonly LibraryEntry[], over: object = {}) => {
	opened = openPage('', undefined, () => ({
		listModels: () => Promise.resolve(entries),
		keepOffline: () => Promise.resolve(true),
		...over,
	}));
	await button('Evolve a real language model').click();
};
beforeEach(() => {
	localStorage.clear();
});
afterEach(() => opened.close());

test('with the model here, one button starts a run in English with no knob turned', async () => {
	await open([smollm2]);
	await button('Evolve SmolLM2-135M-Instruct').click();
	await expect.poll(() => opened.session.told).toHaveLength(1);
	const [told = ''] = opened.session.told;
	const asked: unknown = JSON.parse(told.replace('start ', ''));
	expect(asked).toMatchObject({ method: 'grounded', environment: 'instructions', knobs: {} });
	await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
});

test('without it, size and licence are said before anything is fetched', async () => {
	const fetched: string[] = [];
	await open([], {
		describeHubModel,
		downloadModel: (name: string) => {
			fetched.push(name);
			return new Promise(() => undefined);
		},
	});
	await button('Get it from huggingface.co').click();
	await expect
		.element(page.getByText(/269 MB from huggingface\.co, licence apache-2\.0/))
		.toBeVisible();
	expect(fetched).toEqual([]);
	await button('Download and evolve').click();
	expect(fetched).toEqual(['HuggingFaceTB/SmolLM2-135M-Instruct']);
});

test('the run begins once, and by itself, when the model that was fetched is here', async () => {
	const entries: LibraryEntry[] = [];
	await open(entries, {
		describeHubModel,
		listModels: () => Promise.resolve([...entries]),
		downloadModel: () => {
			entries.push(smollm2);
			return Promise.resolve(smollm2);
		},
	});
	await button('Get it from huggingface.co').click();
	await button('Download and evolve').click();
	await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
	await expect.poll(() => opened.session.told.length).toBeGreaterThan(0);
	expect(opened.session.told.filter((one) => one.startsWith('start '))).toHaveLength(1);
	expect(opened.session.told.join()).toContain('grounded');
});

test('closed while its file is read, the dialog starts no run', async () => {
	const entries: LibraryEntry[] = [];
	let isRead: () => void = () => undefined;
	await open(entries, {
		listModels: () => Promise.resolve([...entries]),
		addFiles: () =>
			new Promise((resolve) => {
				isRead = () => {
					entries.push(smollm2);
					resolve(smollm2);
				};
			}),
	});
	const file = new File(['x'], 'SmolLM2-135M-Instruct.Q4_1.gguf');
	await page.getByLabelText('Choose its file').upload(file);
	await expect.element(page.getByRole('dialog').getByText(/^Reading /)).toBeVisible();
	await button('Not now').click();
	isRead();
	await button('Evolve a real language model').click();
	await expect.element(button('Evolve SmolLM2-135M-Instruct')).toBeVisible();
	expect(opened.session.told).toEqual([]);
});

test('a failure of the hub is said in the dialog, and the dialog gives the focus back', async () => {
	await open([], { describeHubModel: () => Promise.reject(new Error('The hub does not answer.')) });
	await button('Get it from huggingface.co').click();
	await expect
		.element(page.getByRole('dialog').getByText('The hub does not answer.'))
		.toBeVisible();
	await button('Not now').click();
	await expect.element(button('Evolve a real language model')).toHaveFocus();
});
