/** @file Facts of a diary asked for before and after a lesson, and the figure that is told of both. */
import type { Adapter } from '#model/adapter.ts';
import { renderChat } from '#model/chat-template.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { ProjectLesson } from '#teach/project.ts';
import type { Figure } from '#teach/verdict.ts';
import { judge, type Diary } from './diary.ts';
import { shareOf } from './statistics.ts';

const answerTokens = 24;

/** What was said of each fact. */
export interface Answers {
	readonly before: Awaited<ReturnType<typeof asked>>;
	readonly after: Awaited<ReturnType<typeof asked>>;
}

export async function askFacts(model: OpenModel, adapter: Adapter, diary: Diary): Promise<Answers> {
	const before = await asked(model, null, diary);
	return { before, after: await asked(model, adapter, diary) };
}

/** The rows of the table that tell how much was learnt, and at what price. */
export function learnt(
	{ before, after }: Answers,
	{ verdict, examination, settings }: ProjectLesson,
) {
	const share = (some: typeof before): string =>
		shareOf(some.filter(({ mark }) => mark === 'right').length, some.length);
	return {
		facts: after.length,
		rightBefore: share(before),
		rightAfter: share(after),
		mixedUpAfter: after.filter(({ mark }) => mark === 'mixed up').length,
		verdict: verdict?.sentence,
		...Object.fromEntries(
			(['loss', 'exact', 'plain', 'instructions'] as const).map((key) => [
				key,
				words(examination?.[key]),
			]),
		),
		textsOfTheBaseInAStep: settings.replay,
		layersTrained: settings.topShare ?? 1,
	};
}

const words = (figure: Figure | undefined): string | undefined =>
	figure &&
	`${figure.before.toFixed(3)} → ${figure.after.toFixed(3)} (${figure.difference.low.toFixed(3)} to ${figure.difference.high.toFixed(3)}, n = ${figure.difference.n})`;

/** Each question in a conversation of its own, answered greedily. */
async function asked(model: OpenModel, adapter: Adapter | null, { facts }: Diary) {
	const { chat, engine } = model;
	if (chat?.template === undefined) throw new Error('the model has no chat template');
	const { template, specialTokens } = chat;
	await engine.setAdapter(adapter);
	const said = await engine.generate(
		facts.map(({ question }) =>
			renderChat(template, [{ role: 'user', content: question }], {
				addGenerationPrompt: true,
				specialTokens,
			}),
		),
		{ maxTokens: answerTokens, temperature: 0, seed: 1 },
	);
	await engine.setAdapter(null);
	return facts.map((fact, i) => {
		const text = said[i]?.text ?? '';
		return { mark: judge(fact, text), question: fact.question, said: text, wanted: fact.answer };
	});
}
