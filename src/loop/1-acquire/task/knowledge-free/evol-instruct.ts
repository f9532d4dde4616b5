/**
 * @file Evol-Instruct (survey 4.1, knowledge-free tasks): the model rewrites tasks, in depth to make them harder or in breadth
 * to make others of the kind.
 *
 * Follows WizardLM (Xu et al. 2023), eliminator included: an evolution has failed if it cannot be read, is held out, copies
 * another task or, in depth, is no harder than its parent. Differs: harder is what the environment says, not a model.
 */
import { fillPlaces } from '#base/knobs.ts';
import { derive, random } from '#base/random.ts';
import type { Item } from '#environments/item.ts';
import { defineCell } from '#loop/cell.ts';
import { asTask, drawItems } from '#loop/draw.ts';
import { readProposal } from '#loop/rollout/proposal.ts';
import { reportStep } from '#loop/report.ts';
import { rougeL } from '#loop/rouge.ts';
import type { Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-free/evol-instruct';

/** Times the model is asked again for what is still missing. */
const turns = 4;

export const evolInstruct = defineCell({
	section: '4.1',
	address,
	title: 'Evol-Instruct',
	step: 'evolveTasks',
	about: 'Lets the model rewrite tasks, harder ones or others like them, and drops what failed.',
	papers: ['https://arxiv.org/abs/2304.12244'],
	knobs: {
		evolved: {
			kind: 'integer',
			label: 'New tasks',
			help: 'How many rewritten tasks a round asks for; fewer where the rewriting fails.',
			default: 64,
			min: 1,
			max: 2000,
			step: 8,
		},
		depth: {
			kind: 'number',
			label: 'In depth',
			help: 'Share of the tasks that are made harder; the others become another task of the kind.',
			default: 0.5,
			min: 0,
			max: 1,
			step: 0.05,
		},
		alike: {
			kind: 'number',
			label: 'Too similar',
			help: 'A task in breadth whose ROUGE-L with any other is this much or more is dropped.',
			default: 0.7,
			min: 0.1,
			max: 1,
			step: 0.05,
		},
		evolveTemperature: {
			kind: 'number',
			label: 'Freedom of tasks',
			help: 'Temperature at which tasks are rewritten.',
			default: 0.8,
			min: 0,
			max: 2,
			step: 0.05,
		},
		depthPrompt: {
			kind: 'text',
			label: 'How a harder task is asked for',
			help: 'Said with the task that is to be made harder.',
			default:
				'Here is a task: {task}\n\nRewrite it with one more requirement about how the answer must look. Write only the new task.',
			places: ['{task}'],
		},
		breadthPrompt: {
			kind: 'text',
			label: 'How another task is asked for',
			help: 'Said with the task that is to be varied.',
			default:
				'Here is a task: {task}\n\nWrite one new task of the same kind about another subject. Write only the new task.',
			places: ['{task}'],
		},
	},
	needs: ['chat'],
	create: ({ evolved, depth, alike, evolveTemperature, depthPrompt, breadthPrompt }) => {
		return async (context) => {
			const { world, t, objective } = context;
			const { environment } = world;
			const { tasks, words } = environment;
			const subjectOf = (item: Item): string => words.subject?.(item) ?? words.show(item);
			const before = (await world.past()).map(({ task }) => task.item);
			const seeds = random(derive(world.seed, 'evol-instruct/seeds'));
			const drawn = drawItems(environment, 'training', objective.difficulty, evolved, seeds);
			const lower = Math.max(tasks.difficulty.min, objective.difficulty - 1);
			const easier = drawItems(environment, 'training', lower, evolved, seeds);
			const subjects = [...before, ...drawn, ...easier].map(subjectOf);
			const known = new Set([...before, ...drawn, ...easier].map(tasks.keyOf));
			const made: Task[] = [];
			for (let turn = 0; turn < turns && made.length < evolved; turn++) {
				world.signal.throwIfAborted();
				const stream = random(derive(world.seed, 'evol-instruct', t, turn));
				const asked = Array.from({ length: evolved - made.length }, () => {
					const isDeep = stream.next() < depth;
					const parent = stream.pick([...(isDeep ? easier : drawn), ...before]);
					return { isDeep, parent };
				});
				const proposer = world.roles?.proposer ?? world.engine;
				const answers = await proposer.generate(
					asked.map(({ isDeep, parent }) => {
						const values = { task: words.show(parent) };
						const content = fillPlaces(isDeep ? depthPrompt : breadthPrompt, values);
						return [{ role: 'user' as const, content }];
					}),
					{
						maxTokens: environment.maxTokens(tasks.difficulty.max).prompt / 2,
						temperature: evolveTemperature,
						seed: derive(world.seed, 'evol-instruct/answers', t, turn),
						signal: world.signal,
					},
				);
				world.signal.throwIfAborted();
				for (const [i, { isDeep, parent }] of asked.entries()) {
					const said = answers[i];
					const text = said?.stopReason === 'stop' ? readProposal(said.text) : null;
					const parsed = text === null ? null : words.parse(text);
					if (!parsed || 'error' in parsed) continue;
					const { item } = parsed;
					const subject = subjectOf(item);
					const failed = isDeep
						? tasks.difficultyOf(item) <= tasks.difficultyOf(parent)
						: subjects.some((other) => rougeL(other, subject) >= alike);
					if (failed || tasks.isHeldOut(item) || known.has(tasks.keyOf(item))) continue;
					known.add(tasks.keyOf(item));
					subjects.push(subject);
					made.push(
						asTask(environment, `evolved-${t}-${String(made.length).padStart(4, '0')}`, item),
					);
				}
				reportStep(context, address, made.length, evolved);
			}
			reportStep(context, address, evolved, evolved);
			return made;
		};
	},
});
