/** @file `chat` with a budget of the KV cache on each form of weights: the kernel answers, ONNX Runtime refuses with the remedy. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { terminalDouble } from './terminal-double.ts';

const file = fileURLToPath(new URL('../fixtures/tiny-chat.gguf', import.meta.url));

async function chat(form: string, budget: readonly string[]) {
	const terminal = terminalDouble();
	const asked = ['--model', file, '--prompt', 'hello', '--max-tokens', '4', '--threads', '1'];
	const code = await runCommand(['chat', ...asked, '--form', form, ...budget], terminal);
	return { code, out: terminal.out.join('\n'), err: terminal.err.join('\n') };
}

test.for([
	['--kv-budget', '512'],
	['--kv-type', 'q8'],
	['--kv-type', 'f16'],
])('%o is refused by every form of ONNX Runtime, with what to do instead', async (budget) => {
	for (const form of ['f32', 'nbits']) {
		const { code, err } = await chat(form, budget);
		expect({ form, code }).toEqual({ form, code: 1 });
		expect(err).toMatch(
			/ONNX Runtime keeps the whole KV cache.*on the kernel, or leave out the budget and the type/,
		);
	}
	const kernel = await chat('kernel', budget);
	expect(kernel).toMatchObject({ code: 0, err: '' });
	expect(kernel.out).not.toBe('');
});

test('32 bits and no budget are what ONNX Runtime holds anyway: nothing is refused', async () => {
	const { code, err } = await chat('f32', ['--kv-type', 'f32']);
	expect({ code, err }).toEqual({ code: 0, err: '' });
});
