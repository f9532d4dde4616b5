/**
 * @file Update in context by working memory (survey 6.2): a note that the policy writes to itself about its last attempts,
 * and reads before every task from then on.
 *
 * Reflexion (Shinn et al. 2023): attempts and what became of them, put into words. Differs: one note for all tasks instead
 * of one for each, since the tasks of the next round are others; it is written anew each round, with the last one in view.
 * It knows of an attempt what the feedback of the round said, and no more.
 */
import { fillPlaces } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { reportStep } from '#loop/report.ts';
import type { Context, Experience } from '#loop/types.ts';

const address = '3-update/in-context/working-memory';

/** Characters of an answer that are shown. */
const longestAnswer = 300;

export const workingMemory = defineCell({
	section: '6.2',
	address,
	title: 'Working memory',
	step: 'update',
	about: 'Keeps a note to itself of what it learnt from its last attempts, in view from then on.',
	papers: ['https://arxiv.org/abs/2303.11366', 'https://arxiv.org/abs/2403.02757'],
	knobs: {
		attempts: {
			kind: 'integer',
			label: 'Attempts in view',
			help: 'How many attempts the note is written about; those that went wrong come first.',
			default: 4,
			min: 1,
			max: 32,
		},
		noteTokens: {
			kind: 'integer',
			label: 'Longest note',
			help: 'How many tokens the note may have; it ends with its last whole sentence.',
			default: 64,
			min: 8,
			max: 512,
			step: 8,
		},
		notePrompt: {
			kind: 'text',
			label: 'How the note is asked for',
			help: 'Sent once a round. The places are the attempts with what became of them, and the note so far.',
			default:
				'These are answers of yours and what became of them.\n\n{attempts}\n\nYour note so far: {note}\n\nWrite a short note to yourself: what to do next time. Write only the note.',
			places: ['{attempts}', '{note}'],
		},
		weights: {
			kind: 'choice',
			label: 'Weights',
			help: 'frozen: only the note changes; trained: the rest of the update trains as well.',
			default: 'frozen',
			options: ['frozen', 'trained'],
		},
	},
	needs: ['chat'],
	create: ({ attempts, noteTokens, notePrompt, weights }) => {
		return async (plan, refined, context) => {
			const { world, t, policy } = context;
			const shown = attemptsIn(refined, attempts, context);
			const note = policy.memory.find(({ kind }) => kind === 'state')?.text ?? 'none';
			const written =
				shown.length > 0
					? await write(fillPlaces(notePrompt, { attempts: shown.map(inWords).join('\n\n'), note }))
					: '';
			reportStep(context, address, 1, 1);
			const memory: Memory =
				written === ''
					? policy.memory
					: [
							...policy.memory.filter(({ kind }) => kind !== 'state'),
							{
								...{ id: `note/${t}`, kind: 'state', text: written, t },
								from: shown.map(({ id }) => id),
							},
						];
			return weights === 'frozen' ? { kind: 'remember', memory } : { ...plan, memory };

			async function write(content: string): Promise<string> {
				const [said] = await world.engine.generate([[{ role: 'user', content }]], {
					...{ maxTokens: noteTokens, temperature: 0, signal: world.signal },
					seed: derive(world.seed, 'note', t),
				});
				world.signal.throwIfAborted();
				return wholeSentences(said?.text ?? '', said?.stopReason === 'stop');
			}
		};
	},
});

/** Judged attempts at problems that may be learnt from, the worst first, in the order of the round. */
function attemptsIn(
	refined: readonly Experience[],
	count: number,
	{ world }: Context,
): readonly Experience[] {
	const scoreOf = ({ feedback }: Experience): number =>
		feedback.kind === 'scored' ? feedback.score : 1;
	return refined
		.filter(
			({ task, feedback }) =>
				feedback.kind === 'scored' && !world.environment.tasks.isHeldOut(task.item),
		)
		.toSorted((a, b) => scoreOf(a) - scoreOf(b))
		.slice(0, count);
}

function inWords({ task, rollouts, feedback }: Experience): string {
	const [first] = rollouts;
	const answer = first?.answer ?? first?.malformed ?? 'none';
	const cut = answer.length > longestAnswer ? `${answer.slice(0, longestAnswer)} …` : answer;
	return `Task: ${task.text}\nAnswer: ${cut}\n${outcomeOf(feedback)}`;
}

function outcomeOf(feedback: Experience['feedback']): string {
	const score = feedback.kind === 'scored' ? (feedback.each[0] ?? feedback.score) : null;
	if (score === null) return 'Nobody could judge it.';
	if (score === 1) return 'It was right.';
	return score === 0 ? 'It was wrong.' : `It was given ${score.toFixed(2)} of 1.`;
}

/** What was cut off ends with its last whole sentence, if it has one. */
function wholeSentences(text: string, isWhole: boolean): string {
	const note = text.trim();
	if (isWhole) return note;
	return /^[^]*[.!?](?=\s|$)/.exec(note)?.[0] ?? note;
}
