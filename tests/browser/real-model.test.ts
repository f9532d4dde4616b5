/** @file The dialog to evolve a real language model, in a real browser, over a session that only writes down what it is told. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import type { LibraryEntry } from '#storage/library/library.ts';
import { button, openPage, type OpenPage } from '../ui/open-page.ts';

const smollm2: LibraryEntry = {
	...{ id: 'own-1', name: 'SmolLM2-135M-Instruct.Q4_1', licence: 'apache-2.0' },
	...{ source: { kind: 'files' }, files: [], bytes: 1, held: 1, addedAt: 0, state: 'complete' },
};
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
		describeHubModel: (repository: string) =>
			Promise.resolve({
				...{ repository, revision: 'a', option: 'safetensors', options: [], bytes: 269_000_000 },
				...{ licence: 'apache-2.0', isGated: false },
			}),
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

test('a failure of the hub is said in the dialog, and the dialog gives the focus back', async () => {
	await open([], { describeHubModel: () => Promise.reject(new Error('The hub does not answer.')) });
	await button('Get it from huggingface.co').click();
	await expect
		.element(page.getByRole('dialog').getByText('The hub does not answer.'))
		.toBeVisible();
	await button('Not now').click();
	await expect.element(button('Evolve a real language model')).toHaveFocus();
});
