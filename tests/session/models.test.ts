/** @file Which model of the library a run means by a short name. */
import { expect, test } from 'vitest';
import { isCalled } from '#session/models.ts';

test.each([
	['HuggingFaceTB/SmolLM2-135M-Instruct', true],
	['someone/smollm2-135m-instruct-GGUF SmolLM2-135M-Instruct.Q4_1.gguf', true],
	['SmolLM2-135M-Instruct.Q4_1', true],
	['someone/SmolLM2-360M-Instruct', false],
	['My SmolLM2-135M-Instruct', false],
])('%s is called SmolLM2-135M-Instruct: %s', (name, called) => {
	expect(isCalled(name, 'SmolLM2-135M-Instruct')).toBe(called);
});
