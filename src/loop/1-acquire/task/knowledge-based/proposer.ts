/**
 * @file Questions by a proposer (survey 4.1, knowledge-based tasks): the model reads a record and writes a question about it;
 * whoever solves the question does not see the record.
 *
 * After SPICE (Liu et al. 2025), where a challenger with documents sets problems to a reasoner without; UltraChat (Ding et
 * al. 2023) and SciGLM (Zhang et al. 2024) ask about texts in the same way. Differs: a question counts if the environment
 * can read it and it is about the record that was shown, and none is rewarded for how hard it is.
 */
import { fillPlaces } from '#base/knobs.ts';
import type { Message } from '#base/prompt.ts';
import { derive, random, type Random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { asTask } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';
import { readProposal } from '#loop/rollout/proposal.ts';
import type { Context, Task } from '#loop/types.ts';

const address = '1-acquire/task/knowledge-based/proposer';

type KnowledgeRecord = Context<'knowledge'>['world']['environment']['knowledge']['records'][number];

export const questionsOfRecords = defineCell({
	section: '4.1',
	address,
	title: 'Questions by a proposer',
	step: 'evolveTasks',
	about: 'Lets the model read a record and ask about it; who answers does not see the record.',
	papers: [
		'https://arxiv.org/abs/2510.24684',
		'https://arxiv.org/abs/2305.14233',
		'https://arxiv.org/abs/2401.07950',
	],
	knobs: {
		proposed: {
			kind: 'integer',
			label: 'Questions asked for',
			help: 'How many questions a round asks the proposer for; those that cannot be read, or are not about the record, are dropped.',
			default: 90,
			min: 1,
			max: 5000,
			step: 10,
		},
		patterns: {
			kind: 'integer',
			label: 'Examples',
			help: 'How many questions about other records stand before each as a pattern.',
			default: 4,
			min: 0,
			max: 16,
		},
		proposeTemperature: {
			kind: 'number',
			label: 'Freedom of questions',
			help: 'Temperature at which questions are written.',
			default: 0.7,
			min: 0,
			max: 2,
			step: 0.05,
		},
		recordPrompt: {
			kind: 'text',
			label: 'How a question is asked for',
			help: 'Said with each record.',
			default: '{record}\n\nWrite one question that this answers. Write only the question.',
			places: ['{record}'],
		},
	},
	needs: ['knowledge', 'chat'],
	create: ({ proposed, patterns, proposeTemperature, recordPrompt }) => {
		return async (context) => {
			const { world, t } = context;
			const { environment } = world;
			const { knowledge, tasks, words } = environment;
			const stream = random(derive(world.seed, 'proposer', t));
			const order = stream.shuffle(knowledge.records);
			const shown = Array.from({ length: order.length > 0 ? proposed : 0 }, () =>
				stream.pick(order),
			);
			const ask = ({ text }: KnowledgeRecord): Message => ({
				role: 'user',
				content: fillPlaces(recordPrompt, { record: text }),
			});
			const proposer = world.roles?.proposer ?? world.engine;
			const answers = await proposer.generate(
				shown.map((record) => [
					...patternsFor(record, patterns, stream, context).flatMap(([other, question]) => [
						ask(other),
						{ role: 'assistant' as const, content: question },
					]),
					ask(record),
				]),
				{
					...{ maxTokens: environment.maxTokens(tasks.difficulty.max).prompt },
					...{ temperature: proposeTemperature, signal: world.signal },
					seed: derive(world.seed, 'proposer/questions', t),
					onProgress: (done) => reportStep(context, address, done, shown.length),
				},
			);
			world.signal.throwIfAborted();
			const made = new Map<string, Task>();
			for (const [i, record] of shown.entries()) {
				const said = answers[i];
				const text = said?.stopReason === 'stop' ? readProposal(said.text) : null;
				const parsed = text === null ? null : words.parse(text);
				if (!parsed || 'error' in parsed || tasks.isHeldOut(parsed.item)) continue;
				const key = tasks.keyOf(parsed.item);
				const about = knowledge.about(record.id).map(tasks.keyOf);
				if (about.includes(key) && !made.has(key))
					made.set(key, asTask(environment, `proposed-${t}-${made.size}`, parsed.item));
			}
			reportStep(context, address, shown.length, shown.length);
			return [...made.values()];
		};
	},
});

/** Questions about other records, none of them held out. */
function patternsFor(
	record: KnowledgeRecord,
	count: number,
	stream: Random,
	{ world }: Context<'knowledge'>,
): readonly (readonly [KnowledgeRecord, string])[] {
	const { knowledge, tasks, words } = world.environment;
	const others = knowledge.records.filter((other) => other !== record);
	return Array.from({ length: others.length > 0 ? count : 0 }, () => {
		const other = stream.pick(others);
		const open = knowledge.about(other.id).filter((item) => !tasks.isHeldOut(item));
		return open.length > 0 ? [[other, words.show(stream.pick(open))] as const] : [];
	}).flat();
}
