/**
 * @file The main figure of `own-text`: a dropped folder of notes, learnt with every default of the page, examined, and asked for
 * its facts in words that the notes do not have.
 *
 * It goes through the Teach API that the page uses, and goes on where it was stopped; minutes count what was worked, by the
 * clock and by the processor.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { openAdapterStore } from '#chat/adapters.ts';
import type { StepPoint, TrainingSettings } from '#chat/train-rows.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { openModelPath } from '#platform/node-files.ts';
import { createModels } from '#platform/models.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { suitedPreset, suitedSettings } from '#teach/presets.ts';
import { median } from '#teach/statistics.ts';
import { openTeachApi } from '#teach/teach-api.ts';
import { diaryOf } from './diary.ts';
import { askFacts, learnt } from './facts.ts';
import { folderFiles } from './folder-files.ts';

type Told = Readonly<Record<string, unknown>> & { readonly figure: string };

/** What the page offers unless a person turns it. */
const maxTokens = 256;
const name = 'library:smollm2';

export interface MainOptions {
	readonly seed: number;
	readonly notes: number;
	readonly threads: number;
	/** The GGUF file. */
	readonly file: string;
	/** Knobs that are turned all the same, to compare. */
	readonly turned?: Partial<TrainingSettings>;
}

/** Seconds of each part, kept over interruptions. */
interface Spent {
	readonly clock: Record<string, number>;
	readonly cpu: Record<string, number>;
	/** Told before the training, and what was measured of it. */
	estimate?: { readonly seconds: number; readonly bytes?: number };
}

export async function mainFigure({
	seed,
	notes,
	threads,
	file,
	turned = {},
}: MainOptions): Promise<Told> {
	const knobs = Object.entries(turned).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
	const at = `.cache/own-text/${['diary', seed, notes, ...knobs].join('-').replaceAll(' ', '-')}`;
	await mkdir(at, { recursive: true });
	const diary = diaryOf(seed, notes);
	const store = openMemoryStore();
	const backends = {
		runtime: () => Promise.resolve(openNodeRuntime(threads)),
		kernel: () => openNodeKernel(threads),
	};
	const openModel = async (): Promise<OpenModel> => {
		const files = await openModelPath(file);
		const close = async (): Promise<void> => {
			for (const one of files) await one.close();
		};
		return (await openLarge({ files, close }, 'page', backends)).openEngine();
	};
	const platform = { store, now: () => Date.now(), openModel };
	const models = createModels(platform, () => undefined);
	const adapters = folderFiles(`${at}/adapters`);
	let last = 0;
	const api = openTeachApi({
		...{ platform, models, adapters },
		projects: () => Promise.resolve(folderFiles(`${at}/project`)),
		emit: (event) => {
			if (event.type === 'teach-step')
				console.error(`step ${event.point.step}: ${event.point.loss.toFixed(3)}`);
			else if (event.type === 'teach-validated')
				console.error(`held back: ${event.point.loss.toFixed(3)}`);
			else if (event.type === 'teach-examined' && Date.now() - last > 10_000) {
				last = Date.now();
				console.error(`${event.what}: ${event.done} of ${event.total}`);
			}
		},
	});
	const spentFile = `${at}/spent.json`;
	const spent = JSON.parse(
		await readFile(spentFile, 'utf8').catch(() => '{"clock":{},"cpu":{}}'),
	) as Spent;
	/** Keeps what is spent every few seconds, since the machine may stop it. */
	const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
		const [clock, cpu] = [spent.clock[what] ?? 0, spent.cpu[what] ?? 0];
		const [began, used] = [performance.now(), process.cpuUsage()];
		const note = async (): Promise<void> => {
			const { user, system } = process.cpuUsage(used);
			spent.clock[what] = clock + (performance.now() - began) / 1000;
			spent.cpu[what] = cpu + (user + system) / 1e6;
			await writeFile(spentFile, JSON.stringify(spent));
		};
		const timer = setInterval(() => void note(), 15_000);
		try {
			return await work();
		} finally {
			clearInterval(timer);
			await note();
		}
	};
	try {
		const given = diary.notes.map((text, i) => ({
			name: `diary/${String(i + 1).padStart(2, '0')}.txt`,
			blob: new Blob([text]),
		}));
		let view = (await api.teachProject()) ?? (await timed('reading', () => api.addData(given)));
		const settings = { ...suitedSettings(suitedPreset(view.counts), view.counts), ...turned };
		const request = { model: name, name: 'My text', maxTokens, settings };
		if (!view.lesson) {
			spent.estimate = await timed('estimate', () => api.estimateLesson(request));
			const { seconds } = spent.estimate;
			console.error(`told: ${seconds.toFixed(0)} s`);
		}
		if (view.lesson?.adapter === undefined) {
			const goesOn = view.lesson?.status === 'paused';
			view = await timed('training', () =>
				goesOn ? api.resumeLesson() : api.trainLesson(request),
			);
		}
		if (!view.lesson?.examination) view = await timed('examination', () => api.examineLesson());
		const { lesson, counts } = view;
		const id = lesson?.adapter;
		if (!lesson || id === undefined) throw new Error('nothing was learnt');
		const answers = await models.using(name, async (model) => {
			const adapter = await openAdapterStore(adapters, store).load(
				{ kind: 'tuned', id },
				name,
				model.spec,
			);
			return askFacts(model, adapter, diary);
		});
		await writeFile(`${at}/answers.json`, JSON.stringify(answers, undefined, '\t'));
		return {
			figure: `From ${notes} notes to the verdict, ${knobs.join(', ') || 'no knob touched'}, seed ${seed}`,
			...{ rowsByRule: counts.byRule, steps: lesson.points.length },
			...learnt(answers, lesson),
			minutesByClock: minutes(spent.clock),
			minutesOfProcessor: minutes(spent.cpu),
			...{ threads, secondsToldForTraining: spent.estimate?.seconds },
			secondsToldAfterATenth: toldAfterATenth(lesson.points),
			secondsOfTraining: spent.clock['training'],
			processorSecondsOfTraining: spent.cpu['training'],
		};
	} finally {
		await models.dispose();
	}
}

/** As the page tells while it trains: by the median of the steps so far. */
const toldAfterATenth = (points: readonly StepPoint[]): number =>
	(median(points.slice(0, Math.ceil(points.length / 10)).map(({ durationMs }) => durationMs)) *
		points.length) /
	1000;

const minutes = (spent: Readonly<Record<string, number>>): number =>
	Object.values(spent).reduce((sum, one) => sum + one, 0) / 60;
