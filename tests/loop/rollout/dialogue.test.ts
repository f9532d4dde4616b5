/** @file Rollouts of several turns: the environment replies until the dialogue ends, fails or goes on too long. */
import { describe, expect, test } from 'vitest';
import type { Message } from '#base/prompt.ts';
import { scripted } from '#engines/scripted.ts';
import type { Dialogue } from '#environments/dialogue.ts';
import { ask } from '#loop/rollout/ask.ts';
import { completionOf, promptOf, saidTokens } from '#loop/rollout/rollout.ts';
import { addition, taskOf, testWorld } from '../world.ts';

const options = { temperature: 0, purpose: 'test' };
const first = { role: 'user', content: 'Guess my number.' } as const;

/** Says higher until the number is guessed; addition ends every reply with its mark. */
function guessing(secret: number): Pick<Dialogue, 'next'> {
	const said: Message[] = [first];
	return {
		next: async (reply) => {
			const content = reply.content.replace('$', '');
			if (content === String(secret)) return null;
			said.push({ ...reply, content }, { role: 'tool', content: 'higher' });
			return [...said];
		},
	};
}

async function play(dialogue: Pick<Dialogue, 'next'>, tells = true) {
	const engine = scripted({
		// Guesses one more than the times it was told to go higher.
		script: (prompt) => String(prompt.split('higher').length),
		...(tells && { score: (_prompt: string, said: string) => Array.from(said, () => -0.25) }),
	});
	const at = testWorld({ engine });
	const question = {
		task: taskOf(addition, '1', '2'),
		view: {},
		prompt: [first],
		begin: () => dialogue,
	};
	const [rollout] = await ask([question], at.context(), options);
	if (!rollout) throw new Error('There is no rollout.');
	return { rollout, calls: engine.calls.length };
}

describe('a dialogue', () => {
	test('goes on until the environment ends it; the last reply is the answer', async () => {
		const { rollout, calls } = await play(guessing(3));
		expect(calls).toBe(3);
		expect(rollout.turns.map(({ role, content, sampled }) => [role, content, sampled])).toEqual([
			['user', first.content, false],
			['assistant', '1$', true],
			['tool', 'higher', false],
			['assistant', '2$', true],
			['tool', 'higher', false],
			['assistant', '3$', true],
		]);
		expect(completionOf(rollout)).toBe('3$');
		expect(promptOf(rollout)).toHaveLength(5);
		expect(rollout.stopReason).toBe('stop');
	});

	test('has the tokens of the whole context once, or again from where its text changed', async () => {
		const { rollout } = await play(guessing(2));
		const prompt = `user: ${first.content}\nassistant: 1\ntool: higher\n`;
		// The scripted engine writes "assistant: 1" where the model had said "1": another text, so encoded anew.
		expect(rollout.turns[2]?.restarts).toBe(true);
		expect(String.fromCodePoint(...(saidTokens(rollout)?.prompt ?? []))).toBe(prompt);
		expect(saidTokens((await play(guessing(2), false)).rollout)).toBeUndefined();
	});

	test('ends by itself after sixteen replies', async () => {
		const { rollout, calls } = await play(guessing(1000));
		expect(calls).toBe(16);
		expect(rollout.stopReason).toBe('max-turns');
	});

	test('that fails is a parse error or a timeout, not a wrong answer of its own', async () => {
		const failing = (error: Error) => play({ next: () => Promise.reject(error) });
		expect((await failing(new Error('no such move'))).rollout.stopReason).toBe('parse-error');
		const late = new DOMException('too slow', 'TimeoutError');
		expect((await failing(late)).rollout.stopReason).toBe('timeout');
	});
});
