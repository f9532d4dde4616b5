/**
 * @file A model as judge (Zheng et al. 2023; Yuan et al. 2024): it reads task and answer and says yes or no, or gives a
 * mark from 1 to 5.
 *
 * A mark that cannot be read is none: the answer is then unjudged, never wrong.
 */
import { fillPlaces, type Knobs, type KnobValues } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import type { Context, Task } from '../types.ts';
import type { Rollout } from './rollout.ts';

/** Read by the cell that judges first answers and by the one that judges corrected ones. */
export const judgeKnobs = {
	judgePrompt: {
		kind: 'text',
		label: 'What the judge is asked',
		help: 'Sent for every answer; the judge must reply with Yes or No, or with a mark from 1 to 5.',
		default:
			'{task}\n\nHere is an answer:\n\n{answer}\n\nIs this a good answer that does all that was asked? Say Yes or No.',
		places: ['{task}', '{answer}'],
	},
	judgements: {
		kind: 'integer',
		label: 'Judgements',
		help: 'How often each answer is judged; the score is the mean. Once is greedy, more are sampled.',
		default: 4,
		min: 1,
		max: 16,
	},
	judgeForm: {
		kind: 'choice',
		label: 'The judge can say',
		help: 'Yes or No (small models use few of the marks), marks from 1 to 5, or anything that holds one of these.',
		default: 'yes-no',
		options: ['yes-no', '1-5', 'free'],
	},
} as const satisfies Knobs;

type Values = Pick<KnobValues<typeof judgeKnobs>, keyof typeof judgeKnobs>;

/** Grammar of the judgement, as a regular expression. */
const forms = { 'yes-no': 'Yes|No', '1-5': '[1-5]' } as const;

const words = ['one', 'two', 'three', 'four', 'five'];

/** A mark out of what a judge said, as a score from 0 to 1; null where there is none, or more than one. */
export function readMark(said: string): number | null {
	const text = said.toLowerCase().replace(/\b(?:out of|of|\/)\s*(?:5|five)\b|\/\s*5\b/g, ' ');
	const found =
		text.match(/(?<![\d.])[1-5](?![\d.]*\d)|\b(?:one|two|three|four|five|yes|no)\b/g) ?? [];
	const scores = new Set(found.map(scoreOf));
	const [score] = scores;
	return scores.size === 1 && score !== undefined ? score : null;
}

function scoreOf(mark: string): number {
	if (mark === 'yes' || mark === 'no') return Number(mark === 'yes');
	return ((words.indexOf(mark) + 1 || Number(mark)) - 1) / 4;
}

/** A score for each answer, in order; null where no mark could be read. */
export async function judgeAnswers(
	answers: readonly { readonly task: Task; readonly rollout: Rollout }[],
	{ judgePrompt, judgements, judgeForm }: Values,
	context: Context,
	purpose: string,
	onProgress: (done: number) => void,
): Promise<readonly (number | null)[]> {
	const { world, t } = context;
	const judge = world.roles?.judge ?? world.engine;
	// A server that takes no such form says what it likes; marks are read out of that, too.
	const isHeld = judgeForm !== 'free' && (judge.forms?.includes('expression') ?? true);
	const prompts = answers.flatMap(({ task, rollout }) => {
		const content = fillPlaces(judgePrompt, { task: task.text, answer: rollout.answer ?? '' });
		return Array.from({ length: judgements }, () => [{ role: 'user' as const, content }]);
	});
	const said = await judge.generate(prompts, {
		maxTokens: 16,
		temperature: judgements > 1 ? 1 : 0,
		seed: derive(world.seed, purpose, t),
		...(isHeld && { form: { kind: 'expression', source: forms[judgeForm] } }),
		signal: world.signal,
		onProgress: (done) => onProgress(Math.floor(done / judgements)),
	});
	world.signal.throwIfAborted();
	return answers.map((_, i) => {
		const marks = said
			.slice(i * judgements, (i + 1) * judgements)
			.map(({ text }) => readMark(text))
			.filter((mark) => mark !== null);
		return marks.length === 0 ? null : marks.reduce((sum, mark) => sum + mark, 0) / marks.length;
	});
}
