/** @file Storage of the project: its rows as JSON lines, its state as JSON, snapshots of the training as tensors. */
import { count, list, object, read, readOr, text, type Schema } from '#base/schema.ts';
import type { Snapshot } from '#chat/train-rows.ts';
import { dataRow, type DataRow } from '#dataset/row.ts';
import { loraTargets, type Parameters } from '#model/adapter.ts';
import { writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import type { TensorMap } from '#model/tensor.ts';
import { orderOf, readOrdered } from '#runs/stored/codec.ts';
import { StoreError, type Files } from '#storage/runs/store.ts';
import { projectSchema, type Project, type ProjectLesson } from './project.ts';
import type { ReplayText } from './replay/write-replay.ts';

const projectFile = 'project.json';
/** Some megabytes each, so that a large data set is never one text. */
const rowsIn = (part: number): string => `rows/${String(part).padStart(5, '0')}.jsonl`;
const rowsPerFile = 5000;
const replayName = 'replay.json';
const replayFile: Schema<{ readonly key: string; readonly texts: readonly ReplayText[] }> = object({
	key: text,
	texts: list(object({ tokens: list(count), from: count })),
});

/** What is said of a snapshot where it is named. */
export type SnapshotOf = Pick<ProjectLesson, 'snapshot' | 'points' | 'validations'>;

export interface ProjectStore {
	/** Undefined if there is none that can be read. */
	load(): Promise<{ readonly project: Project; readonly rows: readonly DataRow[] } | undefined>;
	saveRows(rows: readonly DataRow[]): Promise<void>;
	save(project: Project): Promise<void>;
	/** Writes a snapshot under new names, and says which; the lesson that names them is saved afterwards. */
	writeSnapshot(id: string, snapshot: Snapshot): Promise<NonNullable<ProjectLesson['snapshot']>>;
	readSnapshot(lesson: SnapshotOf): Promise<Snapshot | undefined>;
	/** Texts that a model wrote of its own accord, if they are those of this key. */
	readReplay(key: string): Promise<readonly ReplayText[] | undefined>;
	saveReplay(key: string, texts: readonly ReplayText[]): Promise<void>;
	/** Deletes snapshots but these. */
	sweep(keep: readonly ProjectLesson['snapshot'][]): Promise<void>;
	clear(): Promise<void>;
}

export function openProjectStore(files: Files): ProjectStore {
	const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
	const textOf = async (name: string): Promise<string | undefined> => {
		const bytes = await files.read(name);
		return bytes && new TextDecoder().decode(bytes);
	};
	const tensors = (map: TensorMap): Uint8Array =>
		writeSafetensors(map, { metadata: { format: 'pt', order: orderOf(map) } });
	const readTensors = async (name: string): Promise<TensorMap | undefined> => {
		const bytes = await files.read(name);
		return bytes && readOrdered(bytes, name);
	};

	return {
		async load() {
			const stored = await textOf(projectFile);
			if (stored === undefined) return undefined;
			const project = readOr(projectSchema, parse(stored));
			if (!project) return undefined;
			const names = [...(await files.list('rows/'))].sort();
			const rows: DataRow[] = [];
			for (const name of names)
				for (const line of ((await textOf(name)) ?? '').split('\n'))
					if (line !== '') rows.push(read(dataRow, parse(line), 'A row', damaged));
			return { project, rows };
		},
		async saveRows(rows) {
			const old = new Set(await files.list('rows/'));
			for (let from = 0; from < rows.length; from += rowsPerFile) {
				const name = rowsIn(from / rowsPerFile);
				const part = rows.slice(from, from + rowsPerFile);
				await files.write(name, encode(part.map((row) => `${JSON.stringify(row)}\n`).join('')));
				old.delete(name);
			}
			for (const name of old) await files.delete(name);
		},
		save: (project) => files.write(projectFile, encode(JSON.stringify(project))),
		async writeSnapshot(id, { state, best }) {
			const at = `lesson/${id}-${state.steps}`;
			await files.write(`${at}-state.safetensors`, tensors(state.tensors));
			if (best) await files.write(`${at}-best.safetensors`, tensors(best.tensors));
			if (state.parameters.kind !== 'lora')
				throw new StoreError('corrupt', 'Only a LoRA can be kept here; train one.');
			const { kind, rank, alpha, targets } = state.parameters;
			return {
				steps: state.steps,
				parameters: { kind, rank, alpha, targets: [...targets] },
				state: `${at}-state.safetensors`,
				...(best && { best: `${at}-best.safetensors` }),
			};
		},
		async readSnapshot({ snapshot, points, validations }) {
			if (!snapshot) return undefined;
			const state = await readTensors(snapshot.state);
			if (!state) return undefined;
			const { kind, rank, alpha, targets } = snapshot.parameters;
			const known = loraTargets.filter((target) => targets.includes(target));
			const parameters: Parameters = { kind, rank, alpha, targets: known };
			const best = snapshot.best === undefined ? undefined : await readTensors(snapshot.best);
			return {
				state: { parameters, steps: snapshot.steps, tensors: state },
				points: points.filter(({ step }) => step <= snapshot.steps),
				validations: validations.filter(({ step }) => step <= snapshot.steps),
				best: best ? { parameters, tensors: best } : null,
			};
		},
		async readReplay(key) {
			const found = readOr(replayFile, parse((await textOf(replayName)) ?? ''));
			return found?.key === key ? found.texts : undefined;
		},
		saveReplay: (key, texts) => files.write(replayName, encode(JSON.stringify({ key, texts }))),
		async sweep(keep) {
			const named = new Set(keep.flatMap((one) => [one?.state, one?.best]));
			for (const name of await files.list('lesson/'))
				if (!named.has(name)) await files.delete(name);
		},
		async clear() {
			await files.delete(projectFile);
			for (const name of await files.list()) await files.delete(name);
		},
	};
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined; // a torn file is as none
	}
}

const damaged = (flaw: string): StoreError =>
	new StoreError('corrupt', `The stored data is damaged (${flaw}); give the files again.`);
