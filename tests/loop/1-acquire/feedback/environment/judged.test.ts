/** @file Verifier first, judge else: a verdict is final, and only what has none is asked of the judge. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { judged } from '#loop/1-acquire/feedback/environment/judged.ts';
import { answered, english, speaker, taskOf } from '../../../english.ts';

const knobs = { ...defaultsOf(judged.knobs), judgements: 1, judgeForm: 'free' as const };
const checkable = taskOf('Describe a kite. Use at most 30 words.');
const free = taskOf('Describe a kite.');
const judge = async (
	task: typeof free,
	answers: readonly string[],
	script: Readonly<Record<string, string>>,
) => {
	const engine = speaker(script);
	const rollouts = answers.flatMap((answer) => answered(task, answer, 1).rollouts);
	const [one] = await judged.create(knobs)([{ task, rollouts }], english(engine).at);
	return { one, asked: engine.calls.flatMap((call) => ('prompts' in call ? call.prompts : [])) };
};

test('what the verifier can judge is not asked of the judge, who might think otherwise', async () => {
	const long = 'A kite on a string. '.repeat(8).trim();
	const { one, asked } = await judge(checkable, ['A kite on a string.', long], { kite: 'No' });
	expect(asked).toEqual([]);
	expect(one?.feedback).toMatchObject({ source: 'environment', each: [1, 0] });
	expect(one?.rollouts[0]?.rewards).toMatchObject({ verifier: { value: 1 } });
});

test('what it has nothing to say of has the mark of the judge', async () => {
	const { one, asked } = await judge(free, ['A toy.', 'Bread.'], { Bread: 'No', toy: 'Yes' });
	expect(asked).toHaveLength(2);
	expect(one?.feedback).toMatchObject({ source: 'model', answer: 'A toy.', each: [1, 0] });
	expect(one?.rollouts[0]?.rewards).toMatchObject({ judge: { value: 1 } });
});

test('a mark that cannot be read leaves an answer unjudged, never 0', async () => {
	const { one } = await judge(free, ['A toy.'], { toy: 'Hm.' });
	expect(one?.feedback).toMatchObject({ kind: 'unjudged' });
});
