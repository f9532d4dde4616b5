/** @file A judge of pairs: an answer wins only in both orders, a judge that goes by the place finds all equal. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { scripted } from '#engines/scripted.ts';
import { pairwise } from '#loop/1-acquire/feedback/model/pairwise.ts';
import { answered, english, taskOf } from '../../../english.ts';

const task = taskOf('Describe a kite. Use at most 30 words.');
const solutionOf = (answers: readonly (string | null)[]) => ({
	task,
	rollouts: answers.flatMap((answer) => answered(task, answer, 1).rollouts),
});
const judgedBy = async (
	choose: (first: string, second: string) => string,
	answers: readonly (string | null)[],
	isFree = false,
) => {
	const plain = scripted({
		script: (prompt) => {
			const [, first = '', second = ''] = /\nA: ([^\n]*)\n\nB: ([^\n]*)\n/.exec(prompt) ?? [];
			return choose(first, second);
		},
	});
	// A server may not be held to A or B.
	const engine = isFree ? Object.assign(plain, { forms: [] }) : plain;
	const cell = pairwise.create(defaultsOf(pairwise.knobs));
	const [experience] = await cell([solutionOf(answers)], english(engine).at);
	return { feedback: experience?.feedback, engine };
};

test('the answer that wins against all others in both orders scores 1, whoever is read first', async () => {
	const longer = (first: string, second: string) => (first.length > second.length ? 'A' : 'B');
	const { feedback, engine } = await judgedBy(longer, [
		'Up.',
		'A kite is up.',
		'A kite.',
		null,
		'Up.',
	]);
	expect(feedback).toEqual({
		...{ kind: 'scored', source: 'model', score: 1, answer: 'A kite is up.' },
		each: [0, 1, 0.5, 0, 0],
	});
	const [call] = engine.calls;
	expect(call?.kind === 'generate' && call.prompts).toHaveLength(6);
});

test('a judge that always names the first finds all equal', async () => {
	const { feedback } = await judgedBy(() => 'A', ['Up.', 'A kite.']);
	expect(feedback).toMatchObject({ kind: 'scored', score: 0.5, each: [0.5, 0.5] });
});

test('equal answers, or marks that cannot be read, are no judgement', async () => {
	const same = await judgedBy(() => 'A', ['Up.', 'Up.']);
	expect(same.feedback).toEqual({ kind: 'unjudged', reason: 'there is nothing to compare' });
	const mute = await judgedBy(() => 'Neither', ['Up.', 'A kite.'], true);
	expect(mute.feedback).toEqual({ kind: 'unjudged', reason: 'the judge gave no mark' });
});
