/** @file The web-llm package itself in Chromium, in its worker, as far as it goes without a compiled model. */
import { describe, expect, test } from 'vitest';
import { webLlmModels } from '#engines/web-llm/models.ts';
import { openWebLlmEngine } from '#engines/web-llm/open.ts';

const smallest = async () => {
	const model = (await webLlmModels()).find(({ features }) => features.length === 0);
	if (!model) throw new Error('The package lists no model without special features.');
	const weights = new URL('/no-such-models/', location.href).href;
	return { ...model, weights, library: `${weights}model.wasm` };
};

describe('web-llm', () => {
	test('a model that is not where it should be is said by the worker, with the remedy', async () => {
		const failed = openWebLlmEngine({ model: await smallest() });
		await expect(failed).rejects.toMatchObject({
			name: 'BackendError',
			code: 'bad-model',
			message: expect.stringMatching(/^The model could not be fetched.*check its two/) as unknown,
		});
	});

	test('what this GPU lacks is said before anything is fetched', async () => {
		const model = { ...(await smallest()), features: ['no-such-feature'] };
		await expect(openWebLlmEngine({ model })).rejects.toThrow('q4f32 instead of q4f16');
		const large = { ...(await smallest()), bufferBytes: 2 ** 40 };
		await expect(openWebLlmEngine({ model: large })).rejects.toMatchObject({
			code: 'out-of-memory',
		});
		await expect(
			openWebLlmEngine({ model: await smallest(), gpu: undefined }),
		).rejects.toMatchObject({ code: 'not-available' });
	});

	test('the loading stops when it is told to', async () => {
		const controller = new AbortController();
		const opening = openWebLlmEngine({ model: await smallest(), signal: controller.signal });
		controller.abort();
		await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
	});
});
