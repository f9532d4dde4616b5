/** @file Calculator: calls in text, what it answers, when it stops answering, and answers that are no calls. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const calculator = openEnvironment('calculator');
describeEnvironment('calculator', calculator);

const item = { sum: '12*7+5*8' };
const view = { offset: 0, order: 0 };
const say = async (replies: readonly string[]): Promise<unknown> => {
	const dialogue = calculator.open(item, view);
	let said: unknown = dialogue.first();
	for (const content of replies) said = await dialogue.next({ role: 'assistant', content });
	return said;
};

describe('the calculator', () => {
	it('answers calls in the middle of the text, and the last word is the answer', async () => {
		expect(await say([])).toBe('a12*7+b5*8=');
		expect(await say(['a[12*7]$'])).toBe('a12*7+b5*8=a[12*7]$84;');
		expect(await say(['a[12*7]$', 'b[84+5*8]$'])).toBe('a12*7+b5*8=a[12*7]$84;b[84+5*8]$124;');
		expect(await say(['a[12*7]$', 'b[84+5*8]$', '124$'])).toBeNull();
	});

	it.each(['[$', '[12*7+5*8]$', '[12*]$', '[12*7]', '[9999999*1]$', '[__proto__]$'])(
		'cannot work out %s: one product at a time, and a number before it',
		async (call) => {
			expect(await say([call])).toBe(`a12*7+b5*8=${call}?;`);
		},
	);

	it('works out what it is asked, not what would have been right', async () => {
		expect(await say(['a[12*8]$'])).toBe('a12*7+b5*8=a[12*8]$96;');
	});

	it('answers two calls more than are needed, and a call is no answer', async () => {
		const calls = Array<string>(4).fill('[1*1]$');
		expect(await say(calls)).not.toBeNull();
		expect(await say([...calls, '[1*1]$'])).toBeNull();
		const { verdict } = await scoreOf(calculator, item, view, '[1*1]$');
		expect(verdict).toEqual({ kind: 'malformed', reason: 'a call, where an answer should be' });
	});

	it('is called once for each product in the right conversation, as the environment has it', async () => {
		for (let i = 0; i < 50; i++) {
			const drawn = calculator.tasks.draw(1 + (i % 12), random(i));
			for (const at of calculator.tasks.views(drawn, 2, random(i))) {
				const dialogue = calculator.open(drawn, at);
				let text: unknown = dialogue.first();
				let told = String(text);
				const spoken = calculator.reference.conversation(drawn, at);
				for (const { by, content, learnt } of spoken) {
					expect(learnt).toBe(by === 'model');
					told += content;
					if (by === 'model') text = await dialogue.next({ role: 'assistant', content });
					else expect(text).toBe(told);
				}
				expect(text).toBeNull();
				expect(spoken.at(-1)?.content).toBe(`${calculator.reference.solve(drawn)}$`);
				expect(told.length).toBeLessThanOrEqual(calculator.maxTokens(1 + (i % 12)).prompt);
			}
		}
	});

	it('has the same problem in another order', () => {
		expect(calculator.tasks.keyOf({ sum: '5*8+12*7' })).toBe(calculator.tasks.keyOf(item));
	});
});
