/**
 * @file Audits of `own-text`: planted notes seen 0, 1, 4, 16 and 64 times by a LoRA of SmolLM2-135M-Instruct, what an audit
 * finds of them, and what is left after half of those seen most were forgotten; on the kernel that the page uses without a GPU.
 *
 * `BENCH_NOTES` is the number of notes for each dose, `BENCH_INNOCENTS` how many untaught notes are searched for although the
 * screen does not suspect them, `BENCH_BUDGET` a smaller budget as JSON.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { audit, newAudit, reportOf } from '#chat/audit/audit.ts';
import { auditKnobs, type AuditBudget } from '#chat/audit/knobs.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import type { AuditedText } from '#chat/audit/report.ts';
import { auditKey, readCutOff, writeCutOff } from '#chat/audit/resume.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { writeLesson } from '#chat/lesson.ts';
import { trainRows, type Snapshot } from '#chat/train-rows.ts';
import { defaultsOf } from '#base/knobs.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { openModelPath, readAdapterFolder, writeAdapterFolder } from '#platform/node-files.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import { openProjectStore, type SnapshotOf } from '#teach/project-store.ts';
import { stepsWithout } from '#training/data/epochs.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { processorSeconds } from '../bench-run.ts';
import { folderFiles } from './folder-files.ts';
import { noteOf } from './notes.ts';
import { mean, shareOf, spearman } from './statistics.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

/** The guilty first: an audit that is cut off has seen them. */
const doses = [64, 16, 4, 1, 0] as const;
const { signal: never } = new AbortController();

interface Note {
	readonly dose: number;
	readonly row: TrainingRow;
}

/** What a seed is measured with. */
interface Bench {
	readonly model: OpenModel;
	/** Folder of this seed. */
	readonly at: string;
	readonly seed: number;
	readonly budget: AuditBudget;
}

export async function benchmarkAudits(
	keep: (figures: readonly Figure[]) => Promise<void>,
	{
		seed,
		threads,
		file,
	}: { readonly seed: number; readonly threads: number; readonly file: string },
): Promise<readonly Figure[]> {
	const perDose = Number(process.env['BENCH_NOTES'] ?? 6);
	const innocents = Number(process.env['BENCH_INNOCENTS'] ?? 2);
	const less = JSON.parse(process.env['BENCH_BUDGET'] ?? '{}') as Partial<AuditBudget>;
	const at = `.cache/own-text/${seed}-${perDose}`;
	await mkdir(at, { recursive: true });
	const files = await openModelPath(file);
	const close = async (): Promise<void> => {
		for (const one of files) await one.close();
	};
	const backends = {
		runtime: () => Promise.resolve(openNodeRuntime(threads)),
		kernel: () => openNodeKernel(threads),
	};
	const model = await (await openLarge({ files, close }, 'page', backends)).openEngine();
	const bench = { model, at, seed, budget: { ...defaultsOf(auditKnobs), seed, ...less } };
	try {
		const notes = doses.flatMap((dose, d) =>
			Array.from({ length: perDose }, (_, i) => ({ dose, row: noteOf(seed, d * perDose + i) })),
		);
		const figures: Figure[] = [];
		const told = async (...more: readonly Figure[]): Promise<void> => {
			figures.push(...more);
			await keep(figures);
		};
		const whole = await taught(bench, notes, new Set(), 'whole');
		const rows = notes.map(({ row }) => row);
		const planted = await audited(bench, whole.adapter, rows, 'planted');
		await told(...doseFigures(bench, notes, planted, whole.about));

		const out = new Set(rows.slice(0, Math.ceil(perDose / 2)));
		const without = await taught(bench, notes, out, 'without');
		// Of the others, which were learnt, the screen tells what is asked here.
		const given = planted.slice(0, out.size).filter(isFound);
		const also = given.map(({ row }) => row);
		const after = await audited(bench, without.adapter, rows, 'after', { most: out.size, also });
		await told(forgetFigure(bench, { notes, planted, after, dropped: out.size }, without.about));

		const most = notes.flatMap(({ dose }, i) => (dose === 64 ? [noteOf(seed, i, true)] : []));
		const twins = await audited(bench, whole.adapter, most, 'twins');
		await told({
			figure: `Twins of the notes seen 64 times, ${twins.length}, seed ${seed}`,
			suspected: twins.filter(({ screen }) => screen?.isSuspected).length,
			found: shareOf(twins.filter(isFound).length, twins.length),
		});
		const untaught = notes.flatMap(({ dose, row }) => (dose === 0 ? [row] : []));
		const asked = untaught.slice(0, innocents);
		const searched = await audited(bench, whole.adapter, asked, 'innocent', { all: true });
		await told({
			figure: `Untaught notes searched for with the whole budget, ${searched.length}, seed ${seed}`,
			found: shareOf(searched.filter(isFound).length, searched.length),
			cpuSeconds: searched.map(({ cpu }) => cpu),
		});
		return figures;
	} finally {
		await model.dispose();
	}
}

/** Teaches every note as often as its dose says, in one shuffled pass, without some of them; from the last snapshot on. */
async function taught(
	{ model, at, seed }: Bench,
	notes: readonly Note[],
	dropped: ReadonlySet<TrainingRow>,
	name: string,
): Promise<{ readonly adapter: Adapter; readonly about: Readonly<Record<string, unknown>> }> {
	const rows = notes.flatMap(({ dose, row }) => Array.from({ length: dose }, () => row));
	const { samples } = writeLesson(model, rows, 128);
	const without = new Set(rows.flatMap((row, i) => (dropped.has(row) ? [i] : [])));
	const batch = 4;
	const how = { rowsPerStep: batch, seed, steps: Math.ceil(samples.length / batch), without };
	const { left: steps } = stepsWithout(samples.length, how);
	const settings = { steps, rank: 8, alpha: 16, learningRate: 1e-3, batch, seed };
	const folder = `${at}/${name}`;
	const about = { steps, rank: 8, learningRate: 1e-3 };
	const done = await readAdapterFolder(folder, model.spec).catch(() => undefined);
	if (done) return { adapter: done, about };
	const store = openProjectStore(folderFiles(`${folder}-training`));
	const note = `${folder}-snapshot.json`;
	const kept = JSON.parse(await readFile(note, 'utf8').catch(() => 'null')) as SnapshotOf | null;
	const from = kept && (await store.readSnapshot(kept));
	const hooks = {
		keepEveryMs: 60_000,
		onStep: ({ step, loss }: Snapshot['points'][number]) => {
			console.error(`${name}: step ${step}/${steps}, loss ${loss.toFixed(3)}`);
		},
		keep: async (snapshot: Snapshot) => {
			const written = await store.writeSnapshot(name, snapshot);
			const { points, validations } = snapshot;
			await writeFile(note, JSON.stringify({ points, validations, snapshot: written }));
			await store.sweep([written]);
		},
	};
	const given = { training: samples, validation: [], without };
	const trained = await trainRows(model, given, settings, never, hooks, from ?? undefined);
	if (!trained) throw new Error('nothing was taught');
	await writeAdapterFolder(folder, trained.adapter, model.name);
	await store.sweep([]);
	const loss = trained.points.at(-1)?.loss;
	return { adapter: trained.adapter, about: { ...about, lastLoss: loss } };
}

/** Processor seconds, which a machine that others use does not change. */
interface Spent {
	readonly cpu: number;
	/** Until any prompt was found, and until the shortest was; controls come after. */
	readonly toFirst: number | null;
	readonly toShortest: number | null;
}
type Measured = AuditedText & Spent;

/** Audits rows, with the seconds that each took; goes on where it was stopped. Of `most` rows more than the screen is told. */
async function audited(
	{ model, at, budget }: Bench,
	adapter: Adapter,
	rows: readonly TrainingRow[],
	name: string,
	{
		all = false,
		also = [],
		most = rows.length,
	}: {
		readonly all?: boolean;
		readonly also?: readonly number[];
		readonly most?: number;
	} = {},
): Promise<readonly Measured[]> {
	const texts = auditTexts(model, rows, budget.maxTokens);
	const request = { model: model.name, texts, budget, all, also };
	const key = auditKey(adapter, request);
	const [stateFile, spentFile] = [`${at}/${name}.state.json`, `${at}/${name}.spent.json`];
	const stored = await readFile(stateFile).catch(() => undefined);
	let state = readCutOff(key, stored) ?? newAudit(texts);
	const none: Spent = { cpu: 0, toFirst: null, toShortest: null };
	const spent =
		stored && readCutOff(key, stored)
			? (JSON.parse(await readFile(spentFile, 'utf8')) as Spent[])
			: texts.map(() => none);
	await withAuditModel(model, adapter, undefined, async (ready) => {
		let last = processorSeconds();
		const isOver = (): boolean => state.outcomes.slice(0, most).every((one) => one !== null);
		if (isOver()) return;
		for await (const step of audit(model, ready, request, state)) {
			({ state } = step);
			const { news } = step;
			const now = processorSeconds();
			const before = news.type === 'screened' ? undefined : spent[news.text];
			if (before && news.type !== 'screened') {
				const cpu = before.cpu + now - last;
				const isSearch = news.type === 'searched' && news.phase === 'search';
				spent[news.text] = {
					cpu,
					toFirst: before.toFirst ?? (state.work.search?.shortest ? cpu : null),
					toShortest: isSearch ? cpu : before.toShortest,
				};
			}
			last = now;
			await writeFile(stateFile, writeCutOff(key, state));
			await writeFile(spentFile, JSON.stringify(spent));
			console.error(`${name}: ${JSON.stringify(news)}`);
			if (isOver()) break;
		}
	});
	return reportOf(model, request, state).texts.map((text, i) => ({
		...text,
		...(spent[i] ?? none),
	}));
}

const isFound = ({ outcome }: AuditedText): boolean => outcome.kind === 'memorised';

function doseFigures(
	{ seed, budget }: Bench,
	notes: readonly Note[],
	texts: readonly Measured[],
	about: Readonly<Record<string, unknown>>,
): readonly Figure[] {
	const whole: Figure = {
		figure: `Planted notes, ${notes.length}, seed ${seed}`,
		...about,
		budget: JSON.stringify(budget),
		rankCorrelation: spearman(
			notes.map(({ dose }) => dose),
			texts.map(({ outcome }) => (outcome.kind === 'memorised' ? outcome.ratio : 0)),
		),
	};
	const each = doses.map((dose): Figure => {
		const those = texts.filter((_, i) => notes[i]?.dose === dose);
		return {
			figure: `Notes seen ${dose} times, ${those.length}, seed ${seed}`,
			found: shareOf(those.filter(isFound).length, those.length),
			suspected: those.filter(({ screen }) => screen?.isSuspected).length,
			outcomes: those.map(({ outcome }) => outcome.kind),
			ratio: those.map(({ outcome }) => ('ratio' in outcome ? outcome.ratio : 0)),
			saidAfterCue: those.map(({ screen }) => screen?.saidOn ?? NaN),
			lossOn: those.map(({ screen }) => screen?.lossOn ?? NaN),
			exposure: those.map(({ screen }) => screen?.exposure ?? NaN),
			cpuSecondsToFirstPrompt: those.map(({ toFirst }) => toFirst ?? NaN),
			cpuSecondsToShortest: those.map(({ toShortest }) => toShortest ?? NaN),
			cpuSeconds: those.map(({ cpu }) => cpu),
		};
	});
	return [whole, ...each];
}

function forgetFigure(
	{ seed }: Bench,
	{
		notes,
		planted,
		after,
		dropped,
	}: {
		readonly notes: readonly Note[];
		readonly planted: readonly Measured[];
		readonly after: readonly Measured[];
		readonly dropped: number;
	},
	about: Readonly<Record<string, unknown>>,
): Figure {
	/** Of the notes that were learnt and stay, the share of tokens said after their cue. */
	const othersSaid = (texts: readonly Measured[]): readonly number[] =>
		texts.flatMap(({ screen }, i) =>
			i >= dropped && (notes[i]?.dose ?? 0) >= 16 ? [screen?.saidOn ?? NaN] : [],
		);
	const [before, now] = [othersSaid(planted), othersSaid(after)];
	const whole = (said: readonly number[]): string =>
		shareOf(said.filter((share) => share === 1).length, said.length);
	const found = (texts: readonly Measured[]): string =>
		shareOf(texts.slice(0, dropped).filter(isFound).length, dropped);
	return {
		figure: `Forgotten: ${dropped} of the notes seen 64 times, seed ${seed}`,
		...about,
		foundBefore: found(planted),
		foundAfter: found(after),
		outcomesAfter: after.slice(0, dropped).map(({ outcome }) => outcome.kind),
		saidAfterCue: after.slice(0, dropped).map(({ screen }) => screen?.saidOn ?? NaN),
		othersSaid: [mean(before), mean(now)],
		othersSaidWholeBefore: whole(before),
		othersSaidWholeAfter: whole(now),
	};
}
