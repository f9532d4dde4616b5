/**
 * @file Instruction back-translation (survey 4.1, knowledge-free tasks): texts that nobody asked for are mined backwards. The
 * model says which task a text answers, and the text becomes the answer to it.
 *
 * After Li et al. 2023 and Kun (Zheng et al. 2024), which mine pages of the web. Differs: the texts are what the base model
 * writes of its own accord, the environment reads the task and tells whether it is one, and a later step judges the text.
 * Answers come from `grounded/given`: another solver would answer the mined tasks anew.
 */
import { fillPlaces } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import { plainTexts } from '#loop/3-update/plain-text.ts';
import { defineCell } from '#loop/cell.ts';
import { asTask } from '#loop/draw.ts';
import { shownPrompt } from '#base/prompt.ts';
import { reportStep } from '#loop/report.ts';
import { readProposal } from '#loop/rollout/proposal.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free/back-translation';

export const backTranslation = defineCell({
	section: '4.1',
	address,
	title: 'Instruction back-translation',
	step: 'evolveTasks',
	about: 'Takes texts that answer nothing, and lets the model say which task each would answer.',
	papers: ['https://arxiv.org/abs/2308.06259', 'https://arxiv.org/abs/2401.06477'],
	knobs: {
		mined: {
			kind: 'integer',
			label: 'Texts',
			help: 'How many texts a round mines; those for which no task can be read are dropped.',
			default: 64,
			min: 1,
			max: 2000,
			step: 8,
		},
		mineTemperature: {
			kind: 'number',
			label: 'Freedom of tasks',
			help: 'Temperature at which tasks are written.',
			default: 0.7,
			min: 0,
			max: 2,
			step: 0.05,
		},
		minePrompt: {
			kind: 'text',
			label: 'How a task is asked for',
			help: 'Said with each text.',
			default:
				'Here is a text:\n\n{text}\n\nWrite the instruction that it follows, in one line. Say what it is about and how it must look.',
			places: ['{text}'],
		},
	},
	needs: ['chat'],
	create: ({ mined, mineTemperature, minePrompt }) => {
		return async (context) => {
			const { world, t } = context;
			const { environment } = world;
			const { tasks, words } = environment;
			const plain = await plainTexts(mined, context, (done) =>
				reportStep(context, address, Math.floor(done / 2), mined),
			);
			const texts = plain.flatMap((one) =>
				one.kind === 'text' ? [wholeSentences(shownPrompt(one.prompt) + one.completion)] : [],
			);
			const sources = [...new Set(texts)].filter((text) => text !== '');
			const proposer = world.roles?.proposer ?? world.engine;
			const said = await proposer.generate(
				sources.map((text) => [{ role: 'user', content: fillPlaces(minePrompt, { text }) }]),
				{
					maxTokens: environment.maxTokens(tasks.difficulty.max).prompt / 2,
					...{ temperature: mineTemperature, signal: world.signal },
					seed: derive(world.seed, 'back-translation', t),
				},
			);
			world.signal.throwIfAborted();
			const made = new Map<string, Task>();
			for (const [i, source] of sources.entries()) {
				const one = said[i];
				const text = one?.stopReason === 'stop' ? readProposal(one.text) : null;
				const parsed = text === null ? null : words.parse(text);
				if (!parsed || 'error' in parsed || tasks.isHeldOut(parsed.item)) continue;
				const key = tasks.keyOf(parsed.item);
				if (made.has(key)) continue;
				made.set(key, {
					...asTask(environment, `mined-${t}-${String(made.size).padStart(4, '0')}`, parsed.item),
					source,
				});
			}
			reportStep(context, address, mined, mined);
			return [...made.values()];
		};
	},
});

/** The text up to the end of its last sentence; empty if it has none. */
const wholeSentences = (text: string): string =>
	/^[^]*[.!?]["”']?(?=\s|$)/.exec(text.trim())?.[0] ?? '';
