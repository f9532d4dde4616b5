/**
 * @file Adapters of the chat: those tuned in a chat, stored as the two files of PEFT and a metadata file, and those
 * of runs on the same base model.
 *
 * Their storage is separate: the runs' store deletes every file that no run names.
 */
import { zipSync } from 'fflate';
import * as v from 'valibot';
import type { Adapter } from '#model/adapter.ts';
import { readPeftAdapter, writePeftAdapter } from '#model/checkpoint/peft.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { asStoreError } from '#storage/files/errors.ts';
import { StoreError, type Files, type Store } from '#storage/runs/store.ts';
import { loadAdapter } from '#runs/stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import { lenient, number, object, readOr, text, withoutGaps } from '#base/schema.ts';
import { readSavedState, savedStateOf } from '#runs/stored/saved-state.ts';
import type { ExportedFile } from '#runs/session.ts';
import { auditFile, readAuditReport, withoutTexts, type AuditReport } from './audit/report.ts';
import { adapterCard } from './card.ts';
import { cardFactsOf, lineageFile, readLineage, type Lineage } from './lineage.ts';

/** Choice of an adapter for the base model. */
export interface AdapterChoice {
	readonly kind: 'tuned' | 'run';
	/** Of the adapter, or of the run. */
	readonly id: string;
}

/** Facts of an adapter for lists. */
export interface ChatAdapter extends AdapterChoice {
	readonly name: string;
	readonly model: string;
	/** Milliseconds since 1970. */
	readonly createdAt: number;
	/** Steps of training, if they are known. */
	readonly steps?: number;
	/** Of the last step, nats per token. */
	readonly loss?: number;
	/** What an examination found, in one sentence. */
	readonly verdict?: string;
}

export interface AdapterStore {
	/** Adapters of one base model, newest first. */
	list(model: string): Promise<readonly ChatAdapter[]>;
	/** The same object for the same weights, so that an engine that holds them changes nothing. */
	load(choice: AdapterChoice, model: string, spec: ModelSpec): Promise<Adapter>;
	/**
	 * Stores an adapter. If that fails it stays in memory until the tab is closed, and is stored when a list is asked for
	 * and there is space again.
	 */
	keep(about: ChatAdapter, adapter: Adapter): Promise<void>;
	/** Its card in Markdown, which names nothing private. */
	card(id: string): Promise<string>;
	/** A file beside a tuned adapter, as it was written; undefined if there is none. */
	note(id: string, name: string): Promise<Uint8Array | undefined>;
	/** Writes a file beside a tuned adapter, which goes with it when it is deleted; null deletes the file. */
	annotate(id: string, name: string, bytes: Uint8Array | null): Promise<void>;
	/** Only tuned ones; a run is deleted with all it has. */
	remove(id: string): Promise<void>;
	/** As a zip that PEFT loads once it is unpacked, with its card, and its audit without the person's texts. */
	export(id: string): Promise<ExportedFile>;
}

const home = 'tuned/';
/** Written last: an adapter without it is incomplete and ignored. */
const aboutFile = 'about.json';
/** The two files that PEFT reads. */
const isWeights = /\/adapter_[^/]*$/;
/** Held open at most; one of rank 8 on 135 million weights has 10 MB. */
const mostLoaded = 4;
/** Zip's first day, so that the same adapter gives the same bytes. */
const mtime = new Date(1980, 0, 1);

/** Adapters of one place: those tuned in chats, as files, and those of runs. */
export function openAdapterStore(files: Files, store: Store): AdapterStore {
	const loaded = new Map<string, Adapter>();
	/** By id. */
	const unwritten = new Map<string, { readonly about: ChatAdapter; readonly adapter: Adapter }>();

	const erase = async (id: string): Promise<void> => {
		const names = await files.list(`${home}${id}/`);
		// The note first: without it the rest is not there.
		const isNote = (name: string): boolean => name.endsWith(`/${aboutFile}`);
		for (const name of [...names.filter(isNote), ...names.filter((name) => !isNote(name))])
			await files.delete(name);
	};
	const write = async (about: ChatAdapter, adapter: Adapter): Promise<void> => {
		const at = `${home}${about.id}/`;
		try {
			for (const [name, bytes] of peftFiles(about, adapter)) await files.write(at + name, bytes);
			await files.write(at + aboutFile, new TextEncoder().encode(JSON.stringify(about)));
			unwritten.delete(about.id);
		} catch (error) {
			// Unless another attempt has got through.
			if (unwritten.has(about.id)) await erase(about.id).catch(() => undefined);
			throw error;
		}
	};
	const tuned = async (): Promise<readonly ChatAdapter[]> => {
		for (const { about, adapter } of [...unwritten.values()])
			await write(about, adapter).catch(() => undefined); // another time
		const notes = (await files.list(home)).filter((name) => name.endsWith(`/${aboutFile}`));
		const found = await Promise.all(notes.map(async (name) => readAbout(await files.read(name))));
		return [
			...found.flatMap((about) => about ?? []),
			...Array.from(unwritten.values(), ({ about }) => about),
		];
	};
	const ofRuns = async (model: string): Promise<readonly ChatAdapter[]> =>
		(await store.runs()).flatMap((run): ChatAdapter[] => {
			if (run.recipe.model !== model || !savedStateOf(run.state)?.policy.adapter) return [];
			const { id, name, updatedAt: createdAt } = run;
			return [{ kind: 'run', id, name, model, createdAt }];
		});
	const bytesOf = async (id: string, name: string): Promise<Uint8Array> => {
		const bytes = await files.read(`${home}${id}/${name}`);
		if (bytes) return bytes;
		throw gone('This adapter');
	};
	/** What goes out with an adapter: notes beside the weights may hold the person's texts, and stay here. */
	const contentOf = async (id: string) => {
		const held = unwritten.get(id);
		const about = held?.about ?? readAbout(await files.read(`${home}${id}/${aboutFile}`));
		const names = (await files.list(`${home}${id}/`)).filter((name) => isWeights.test(name));
		if (!about || (!held && names.length === 0)) throw gone('This adapter');
		const stored = async (path: string): Promise<[string, Uint8Array]> => {
			const name = path.slice(path.lastIndexOf('/') + 1);
			return [name, await bytesOf(id, name)];
		};
		const weights = held
			? peftFiles(held.about, held.adapter)
			: new Map(await Promise.all(names.map(stored)));
		const audited = await files.read(`${home}${id}/${auditFile}`);
		const audit = audited && readAuditReport(new TextDecoder().decode(audited));
		const config = weights.get('adapter_config.json') ?? new Uint8Array();
		const lineage = readLineage(await files.read(`${home}${id}/${lineageFile}`));
		return { weights, audit, card: cardOf(about, config, audit, lineage) };
	};
	const read = async ({ kind, id }: AdapterChoice, spec: ModelSpec) => {
		if (kind === 'tuned')
			return (
				unwritten.get(id)?.adapter ?? (await readPeftAdapter((name) => bytesOf(id, name), spec))
			);
		const run = await store.run(id);
		if (!run) throw gone('The adapter of this run');
		const adapter = await loadAdapter(readSavedState(run.state).policy, store.files);
		if (adapter) return adapter;
		throw gone('The adapter of this run');
	};
	/** An adapter is of no use on another base model, even if its shapes fit. */
	const assertIsOf = async (model: string, { kind, id }: AdapterChoice): Promise<void> => {
		const note = async (): Promise<ChatAdapter | undefined> =>
			unwritten.get(id)?.about ?? readAbout(await files.read(`${home}${id}/${aboutFile}`));
		const about = kind === 'tuned' ? await note() : undefined;
		const run = kind === 'run' ? await store.run(id) : undefined;
		const own = about?.model ?? run?.recipe.model;
		if (own === undefined)
			throw gone(kind === 'tuned' ? 'This adapter' : 'The adapter of this run');
		if (own !== model)
			throw new SessionFailure(
				'no-such-adapter',
				`"${about?.name ?? run?.name ?? id}" was learnt on another model; choose that model, or another adapter.`,
			);
	};
	/** A run's weights change while it goes on; a tuned adapter's never do. */
	const keyOf = async ({ kind, id }: AdapterChoice): Promise<string> => {
		if (kind === 'tuned') return `tuned ${id}`;
		const state = savedStateOf((await store.run(id))?.state);
		return `run ${id} ${state?.policy.id ?? ''}`;
	};

	return {
		async list(model) {
			const all = [...(await tuned()), ...(await ofRuns(model))];
			return all
				.filter((adapter) => adapter.model === model)
				.sort((a, b) => b.createdAt - a.createdAt);
		},
		async load(choice, model, spec) {
			await assertIsOf(model, choice);
			const key = await keyOf(choice);
			const found = loaded.get(key) ?? (await read(choice, spec));
			// The one used last stands last.
			loaded.delete(key);
			loaded.set(key, found);
			const [oldest] = loaded.keys();
			if (loaded.size > mostLoaded && oldest !== undefined) loaded.delete(oldest);
			return found;
		},
		async keep(about, adapter) {
			unwritten.set(about.id, { about, adapter });
			loaded.set(`tuned ${about.id}`, adapter);
			try {
				await write(about, adapter);
			} catch (error) {
				throw notWritten(error);
			}
		},
		note: (id, name) => files.read(`${home}${id}/${name}`),
		annotate: (id, name, bytes) =>
			bytes === null
				? files.delete(`${home}${id}/${name}`)
				: files.write(`${home}${id}/${name}`, bytes),
		async remove(id) {
			loaded.delete(`tuned ${id}`);
			unwritten.delete(id);
			await erase(id);
		},
		async export(id) {
			const { weights, audit, card } = await contentOf(id);
			return zipped(id, {
				...Object.fromEntries(weights),
				'README.md': encode(card),
				...(audit && { [auditFile]: encode(JSON.stringify(withoutTexts(audit))) }),
			});
		},
		card: async (id) => (await contentOf(id)).card,
	};
}

const peftFiles = (
	{ model: baseModel }: ChatAdapter,
	adapter: Adapter,
): ReadonlyMap<string, Uint8Array> => writePeftAdapter(adapter, { baseModel });

const zipped = (id: string, entries: Readonly<Record<string, Uint8Array>>): ExportedFile => ({
	name: `${id}-peft.zip`,
	bytes: zipSync({ ...entries }, { mtime }),
});

const encode = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The card of a tuned adapter; `config` is its `adapter_config.json`. */
function cardOf(
	{ model: base, steps, loss, verdict }: ChatAdapter,
	config: Uint8Array,
	audit: AuditReport | undefined,
	lineage: Lineage | undefined,
): string {
	const { dataHash, recipe: learnt } = lineage ? cardFactsOf(lineage) : {};
	const recipe = {
		...(steps !== undefined && { steps }),
		...(loss !== undefined && { 'last loss': loss }),
		...learnt,
	};
	return adapterCard({ base, config, recipe, audit, dataHash, verdict });
}

/** Error code and remedy. */
function notWritten(cause: unknown): StoreError {
	const { code } = asStoreError(cause, 'keep the adapter');
	const why =
		code === 'full'
			? 'there is no room left'
			: cause instanceof Error
				? cause.message
				: String(cause);
	return new StoreError(
		code,
		`The adapter has learnt, but could not be written (${why}): it can be used and exported until this tab is closed. Delete models, runs or adapters, or free disk space; it is then written by itself.`,
		{ cause },
	);
}

/** Invalid numbers are left out; metadata without its names is ignored. */
const aboutSchema = v.pipe(
	object({
		id: text,
		name: text,
		model: text,
		createdAt: v.fallback(number, 0),
		steps: lenient(number),
		loss: lenient(number),
		verdict: lenient(text),
	}),
	v.transform((about): ChatAdapter => ({ kind: 'tuned', ...withoutGaps(about) })),
);

function readAbout(bytes: Uint8Array | undefined): ChatAdapter | undefined {
	if (!bytes) return undefined;
	try {
		return readOr(aboutSchema, JSON.parse(new TextDecoder().decode(bytes)));
	} catch {
		return undefined; // a torn file is ignored
	}
}

const gone = (what: string): SessionFailure =>
	new SessionFailure('no-such-adapter', `${what} is not here any more; choose another one.`);
