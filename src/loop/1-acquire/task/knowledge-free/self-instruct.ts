/**
 * @file Self-Instruct (survey 4.1, knowledge-free tasks): the model writes new tasks after the pattern of others.
 *
 * Follows Wang et al. 2022: eight examples, two of them its own; a new task is dropped when it is empty, too long,
 * speaks of pictures or files, or has ROUGE-L of 0.7 or more with any other. Differs: the first examples come from the
 * environment instead of people, and are given as turns of a chat; requests are compared without the constraints that
 * all share; held-out tasks are dropped too.
 */
import { derive, random } from '#base/random.ts';
import type { Item } from '#environments/item.ts';
import { defineCell } from '#loop/cell.ts';
import { drawItems } from '#loop/draw.ts';
import { conversation, examplesOf, readProposal } from '#loop/rollout/proposal.ts';
import { reportStep } from '#loop/report.ts';
import { rougeL } from '#loop/rouge.ts';
import type { Context, Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free/self-instruct';

/** Times the model is asked again for what is still missing. */
const turns = 4;

export const selfInstruct = defineCell({
	section: '4.1',
	address,
	title: 'Self-Instruct',
	step: 'evolveTasks',
	about: 'Lets the model write new tasks after a few examples, and drops those too like others.',
	papers: ['https://arxiv.org/abs/2212.10560'],
	knobs: {
		newTasks: {
			kind: 'integer',
			label: 'New tasks',
			help: 'How many new tasks a round asks for; fewer where the model only repeats itself.',
			default: 64,
			min: 1,
			max: 2000,
			step: 8,
		},
		seedTasks: {
			kind: 'integer',
			label: 'Seed tasks',
			help: 'How many tasks of the environment the first examples are drawn from.',
			default: 96,
			min: 8,
			max: 1000,
			step: 8,
		},
		shown: {
			kind: 'integer',
			label: 'Examples',
			help: 'How many tasks are shown for each new one; a quarter of them its own, once there are some.',
			default: 8,
			min: 1,
			max: 16,
		},
		similar: {
			kind: 'number',
			label: 'Too similar',
			help: 'A task whose ROUGE-L with any other is this much or more is dropped.',
			default: 0.7,
			min: 0.1,
			max: 1,
			step: 0.05,
		},
		taskTemperature: {
			kind: 'number',
			label: 'Freedom of tasks',
			help: 'Temperature at which tasks are written.',
			default: 0.8,
			min: 0,
			max: 2,
			step: 0.05,
		},
		taskPrompt: {
			kind: 'text',
			label: 'How a task is asked for',
			help: 'Said before each example and before the new task.',
			default:
				'Write one new task for a writer, about a new subject. End with how the answer must look.',
			places: [],
		},
	},
	needs: ['chat'],
	create: ({ newTasks, seedTasks, shown, similar, taskTemperature, taskPrompt }) => {
		return async (context) => {
			const { world, t } = context;
			const { environment } = world;
			const seeds = drawSeeds(context, seedTasks);
			const subjectOf = (item: Item) =>
				environment.words.subject?.(item) ?? environment.words.show(item);
			const before = (await world.past()).map(({ task }) => task);
			const known = [...seeds, ...before.map(({ item }) => item)].map(subjectOf);
			const seedTexts = seeds.map((item) => environment.words.show(item));
			const made: Task[] = [];
			for (let turn = 0; turn < turns && made.length < newTasks; turn++) {
				world.signal.throwIfAborted();
				const stream = random(derive(world.seed, 'self-instruct', t, turn));
				const own = [...before, ...made].map(({ text }) => text);
				const prompts = Array.from({ length: newTasks - made.length }, () =>
					conversation(taskPrompt, examplesOf(seedTexts, own, shown, stream)),
				);
				const proposer = world.roles?.proposer ?? world.engine;
				const answers = await proposer.generate(prompts, {
					maxTokens: environment.maxTokens(environment.tasks.difficulty.max).prompt / 2,
					temperature: taskTemperature,
					seed: derive(world.seed, 'self-instruct/answers', t, turn),
					signal: world.signal,
					onProgress: () => reportStep(context, address, made.length, newTasks),
				});
				world.signal.throwIfAborted();
				for (const { text, stopReason } of answers) {
					const read = stopReason === 'stop' ? readProposal(text) : null;
					const parsed = read === null ? null : environment.words.parse(read);
					if (!parsed || 'error' in parsed || environment.tasks.isHeldOut(parsed.item)) continue;
					const subject = subjectOf(parsed.item);
					if (known.some((other) => rougeL(other, subject) >= similar)) continue;
					known.push(subject);
					made.push({
						id: `made-${t}-${String(made.length).padStart(4, '0')}`,
						item: parsed.item,
						difficulty: environment.tasks.difficultyOf(parsed.item),
						stratum: environment.tasks.stratumOf(parsed.item),
						text: environment.words.show(parsed.item),
					});
				}
				reportStep(context, address, made.length, newTasks);
			}
			reportStep(context, address, newTasks, newTasks);
			return made;
		};
	},
});

/** Of every difficulty up to the one practised, the same in every round. */
function drawSeeds({ world, objective }: Context, count: number): readonly Item[] {
	const { environment, seed } = world;
	const { min } = environment.tasks.difficulty;
	const difficulties = Array.from({ length: objective.difficulty - min + 1 }, (_, i) => min + i);
	return difficulties.flatMap((difficulty) => {
		const stream = random(derive(seed, 'self-instruct/seeds', difficulty));
		const share = Math.ceil(count / difficulties.length);
		return drawItems(environment, 'training', difficulty, share, stream);
	});
}
