/**
 * @file Examination of an adapter, before and after on the same items: the person's rows, and what must not get worse. Each
 * figure has its n and interval; nothing is drawn without the seed.
 */
import { defaultsOf } from '#base/knobs.ts';
import { instructions } from '#environments/instructions/instructions.ts';
import { examine } from '#loop/4-evaluate/examine.ts';
import { createMeter } from '#loop/meter.ts';
import { startState } from '#loop/start.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import { renderChat } from '#model/chat-template.ts';
import { renderOf } from '#platform/render.ts';
import type { OpenModel } from '#platform/platform.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { rowLosses, type RowLoss } from '#training/validate.ts';
import { isExact, rougeL } from './rouge.ts';
import { bootstrap } from './statistics.ts';
import type { Examination, Figure, ShownPair } from './verdict.ts';

/** A person's row with its tokens. */
export interface ExaminedRow {
	readonly row: TrainingRow;
	readonly sample: Sample;
}

export interface ExamineOptions {
	readonly on: Examination['on'];
	readonly seed: number;
	/** Instructions that are asked of each kind. */
	readonly instructions: number;
	readonly signal: AbortSignal;
	readonly report: (what: string, done: number, total: number) => void;
}

/** Answers that are said at most, and the longest wanted one in characters. */
const mostAnswers = 24;
const shortest = 200;
const answerTokens = 80;
const shownAnswers = 5;

/** Leaves the engine with the base model. */
export async function examineAdapter(
	model: OpenModel,
	adapter: Adapter,
	rows: readonly ExaminedRow[],
	options: ExamineOptions,
): Promise<Examination> {
	const { seed } = options;
	const samples = besideRejected(rows.map(({ sample }) => sample));
	const losses = [
		await lossesOf(model, null, samples, options),
		await lossesOf(model, adapter, samples, options),
	] as const;
	const [before, after] = losses.map((some) =>
		some.filter((_, i) => samples[i]?.pair !== 'rejected'),
	);
	const preferences = preferenceFigures(samples, losses, seed);
	try {
		const answers = await answersOf(model, adapter, rows, options);
		const plain = await plainOf(model, adapter, options);
		const kept = await instructionsOf(model, adapter, options);
		return {
			on: options.on,
			seed,
			loss: lossFigure(before ?? [], after ?? [], seed),
			...preferences,
			...answers,
			...(plain && { plain }),
			...(kept && { instructions: kept }),
		};
	} finally {
		await model.engine.setAdapter(null);
	}
}

async function lossesOf(
	{ spec, openTrainer }: OpenModel,
	adapter: Adapter | null,
	samples: readonly Sample[],
	{ seed, signal, report }: ExamineOptions,
): Promise<readonly RowLoss[]> {
	// A fresh LoRA changes nothing: its second factor is zero.
	const fresh = { kind: 'lora', rank: 1, alpha: 1, targets: loraTargets } as const;
	const start = adapter ? { seed, start: adapter } : { seed };
	const trainer = await openTrainer(adapter?.parameters ?? fresh, {}, start);
	try {
		return await rowLosses(trainer, samples, {
			...{ padToken: fillToken(spec), rowsPerBatch: 4, signal },
			onRow: (done) => {
				report(adapter ? 'your rows, after' : 'your rows, before', done, samples.length);
			},
		});
	} finally {
		await trainer.dispose();
	}
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

/** Nats per token, rows weighted by their tokens. */
function lossFigure(before: readonly RowLoss[], after: readonly RowLoss[], seed: number): Figure {
	const tokens = before.map((row) => row.tokens);
	const all = Math.max(1, sum(tokens));
	const differences = before.map((row, i) => (after[i]?.sum ?? 0) - row.sum);
	return {
		before: sum(before.map((row) => row.sum)) / all,
		after: sum(after.map((row) => row.sum)) / all,
		difference: bootstrap(differences, seed, tokens),
	};
}

/** Nothing without preferences. */
function preferenceFigures(
	samples: readonly Sample[],
	losses: readonly [before: readonly RowLoss[], after: readonly RowLoss[]],
	seed: number,
): Pick<Examination, 'preferred' | 'margin'> {
	const chosen = [...samples.keys()].filter((i) => samples[i]?.pair === 'chosen');
	if (chosen.length === 0) return {};
	const of = (figure: (better: RowLoss, worse: RowLoss) => number): Figure => {
		const [before = [], after = []] = losses.map((some) =>
			chosen.map((i) => figure(some[i] ?? noLoss, some[i + 1] ?? noLoss)),
		);
		return figureOf(before, after, seed);
	};
	// A longer answer is less likely whatever it says: the share goes by the mean of its tokens.
	const mean = ({ sum, tokens }: RowLoss): number => sum / Math.max(1, tokens);
	return {
		preferred: of((better, worse) => Number(mean(better) < mean(worse))),
		margin: of((better, worse) => worse.sum - better.sum),
	};
}

const noLoss: RowLoss = { sum: 0, tokens: 0 };

/** A mean before and after over the same items. */
function figureOf(before: readonly number[], after: readonly number[], seed: number): Figure {
	const n = Math.max(1, before.length);
	return {
		before: sum(before) / n,
		after: sum(after) / n,
		difference: bootstrap(
			before.map((value, i) => (after[i] ?? 0) - value),
			seed,
		),
	};
}

interface Asked {
	readonly prompt: string;
	readonly asked: string;
	readonly wanted: string;
}

/** The prompt of a row with a short answer; undefined for others. */
function askedOf({ row }: ExaminedRow, { chat }: OpenModel): Asked | undefined {
	if (
		!('messages' in row) &&
		typeof row.prompt === 'string' &&
		typeof row.completion === 'string'
	) {
		if (row.prompt.trim() === '' || row.completion.length > shortest) return undefined;
		return { prompt: row.prompt, asked: row.prompt, wanted: row.completion };
	}
	if (chat?.template === undefined) return undefined;
	const turns =
		'messages' in row
			? row.messages
			: [row.prompt, row.completion].flatMap((part) => (typeof part === 'string' ? [] : part));
	const at = turns.findLastIndex(({ role }) => role === 'assistant');
	const wanted = turns[at]?.content ?? '';
	const before = turns
		.slice(0, at)
		.map(({ fields, role, content }) => ({ ...fields, role, content }));
	if (at < 1 || wanted === '' || wanted.length > shortest) return undefined;
	const prompt = renderChat(chat.template, before, {
		addGenerationPrompt: true,
		specialTokens: chat.specialTokens,
		...(row.variables && { variables: row.variables }),
	});
	return { prompt, asked: before.at(-1)?.content ?? '', wanted };
}

async function answersOf(
	model: OpenModel,
	adapter: Adapter,
	rows: readonly ExaminedRow[],
	{ seed, signal, report }: ExamineOptions,
): Promise<Pick<Examination, 'exact' | 'rouge' | 'shown'>> {
	const asked = rows.flatMap((row) => askedOf(row, model) ?? []).slice(0, mostAnswers);
	if (asked.length === 0) return { shown: [] };
	const say = async (with_: Adapter | null, what: string): Promise<readonly string[]> => {
		await model.engine.setAdapter(with_);
		const prompts = asked.map(({ prompt }) => prompt);
		const said = await model.engine.generate(prompts, {
			...{ maxTokens: answerTokens, temperature: 0, seed, signal },
			onProgress: (done, total) => {
				report(what, done, total);
			},
		});
		signal.throwIfAborted();
		return said.map(({ text }) => text.trim());
	};
	const before = await say(null, 'answers, before');
	const after = await say(adapter, 'answers, after');
	const each = (said: readonly string[], score: (answer: string, wanted: string) => number) =>
		asked.map(({ wanted }, i) => score(said[i] ?? '', wanted));
	const exact = (answer: string, wanted: string): number => Number(isExact(answer, wanted));
	return {
		exact: figureOf(each(before, exact), each(after, exact), seed),
		rouge: figureOf(each(before, rougeL), each(after, rougeL), seed),
		shown: asked.slice(0, shownAnswers).map(({ asked: question, wanted }, i): ShownPair => ({
			...{ asked: question, wanted, before: before[i] ?? '', after: after[i] ?? '' },
		})),
	};
}

/** Nats per token of the fixed text, paragraph by paragraph. */
async function plainOf(
	{ engine }: OpenModel,
	adapter: Adapter,
	{ seed, signal, report }: ExamineOptions,
): Promise<Figure | undefined> {
	const { fixedText } = await import('#loop/4-evaluate/fixed-text.ts');
	const pairs = fixedText.split('\n\n').map((completion) => ({ prompt: '', completion }));
	const score = async (with_: Adapter | null, done: number): Promise<readonly RowLoss[]> => {
		report('a plain text', done, 2);
		await engine.setAdapter(with_);
		const rows = await engine.score(pairs, { signal });
		signal.throwIfAborted();
		return rows.map((row) => ({ sum: -sum([...row]), tokens: row.length }));
	};
	return lossFigure(await score(null, 0), await score(adapter, 1), seed);
}

/** Undefined for a model without a chat template. */
async function instructionsOf(
	model: OpenModel,
	adapter: Adapter,
	{ seed, signal, report, instructions: count }: ExamineOptions,
): Promise<Figure | undefined> {
	if (model.chat?.template === undefined || count === 0) return undefined;
	const environment = instructions.create(defaultsOf(instructions.knobs));
	const { policy: base, objective } = startState(environment, { model: model.name });
	const ask = async (with_: Adapter | null, what: string): Promise<readonly number[]> => {
		await model.engine.setAdapter(with_);
		const policy = { ...base, adapter: with_ };
		const world = {
			...{ seed, environment, signal, ...renderOf(model) },
			...{ engine: model.engine, openTrainer: model.openTrainer, tokenizer: model.tokenizer },
			meter: createMeter(),
			past: () => Promise.resolve([]),
			report: (progress: {
				readonly kind: string;
				readonly done?: number;
				readonly total?: number;
			}) => {
				if (progress.kind === 'step') report(what, progress.done ?? 0, progress.total ?? 0);
			},
		};
		const context = {
			...{ world, t: 0, rounds: 0, objective, policy, incumbent: policy, accepted: null },
		};
		const cells = await examine(environment.tasks.difficulty.min, count, context, 'examine');
		return cells.flatMap(({ outcomes = '' }) =>
			Array.from(outcomes, (mark) => Number(mark === '+')),
		);
	};
	return figureOf(
		await ask(null, 'instructions, before'),
		await ask(adapter, 'instructions, after'),
		seed,
	);
}
