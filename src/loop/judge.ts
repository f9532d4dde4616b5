/**
 * @file A model as judge (Zheng et al. 2023; Yuan et al. 2024): it reads task and answer and gives a mark from 1 to 5.
 *
 * A mark that cannot be read is none: the answer is then unjudged, never wrong.
 */
import { fillPlaces, type Knobs, type KnobValues } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import type { Attempt, Context, Task } from './types.ts';

/** Read by the cell that judges first answers and by the one that judges corrected ones. */
export const judgeKnobs = {
	judgePrompt: {
		kind: 'text',
		label: 'What the judge is asked',
		help: 'Sent for every answer; the judge must reply with a mark from 1 to 5.',
		default:
			'Task: {task}\n\nAnswer: {answer}\n\nCheck each thing the task asks for. How well does the answer do what the task says? Give a mark from 1 (not at all) to 5 (everything). Reply with the number only.',
		places: ['{task}', '{answer}'],
	},
	judgements: {
		kind: 'integer',
		label: 'Judgements',
		help: 'How many marks each answer gets; the score is their mean. One is greedy, more are sampled.',
		default: 3,
		min: 1,
		max: 16,
	},
	judgeForm: {
		kind: 'switch',
		label: 'Only a mark',
		help: 'The judge can say nothing but a mark; turn off for an endpoint that keeps no form.',
		default: true,
	},
} as const satisfies Knobs;

type Values = Pick<KnobValues<typeof judgeKnobs>, keyof typeof judgeKnobs>;

const words = ['one', 'two', 'three', 'four', 'five'];

/** A mark out of what a judge said, as a score from 0 to 1; null where there is none, or more than one. */
export function readMark(said: string): number | null {
	const text = said.toLowerCase().replace(/\b(?:out of|of|\/)\s*(?:5|five)\b|\/\s*5\b/g, ' ');
	const found = text.match(/(?<![\d.])[1-5](?![\d.]*\d)|\b(?:one|two|three|four|five)\b/g) ?? [];
	const marks = new Set(found.map((mark) => (words.indexOf(mark) + 1 || Number(mark)) - 1));
	const [mark] = marks;
	return marks.size === 1 && mark !== undefined ? mark / 4 : null;
}

/** A score for each answer, in order; null where no mark could be read. */
export async function judgeAnswers(
	answers: readonly { readonly task: Task; readonly attempt: Attempt }[],
	{ judgePrompt, judgements, judgeForm }: Values,
	context: Context,
	purpose: string,
	onProgress: (done: number) => void,
): Promise<readonly (number | null)[]> {
	const { world, t } = context;
	const judge = world.roles?.judge ?? world.engine;
	const prompts = answers.flatMap(({ task, attempt }) => {
		const content = fillPlaces(judgePrompt, { task: task.text, answer: attempt.answer ?? '' });
		return Array.from({ length: judgements }, () => [{ role: 'user' as const, content }]);
	});
	const said = await judge.generate(prompts, {
		maxTokens: judgeForm ? 2 : 16,
		temperature: judgements > 1 ? 1 : 0,
		seed: derive(world.seed, purpose, t),
		...(judgeForm && { form: { kind: 'expression', source: '[1-5]' } }),
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
