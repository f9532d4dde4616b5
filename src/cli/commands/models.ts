/** @file `models`: what is in the library of this machine, and what a hub offers; fetched, renamed, deleted. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import {
	createLibraryApi,
	type HubDescription,
	type LocalLibraryApi,
} from '#library/library-api.ts';
import type { LibraryEvent } from '#library/library-api.ts';
import type { Fit } from '#library/fit.ts';
import { defaultHub } from '#library/hub.ts';
import { probeNode } from '#platform/probe/node.ts';
import { defaultModels, findModel } from '#library/resolve-model.ts';
import { openFolderLibrary } from '#storage/library/folder.ts';
import type { LibraryEntry } from '#storage/library/library.ts';
import { openFileSource, type OpenFile } from '#storage/sources/node-file.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface ModelsFlags {
	readonly models: string;
	readonly hub: string;
	readonly token?: string;
	readonly revision?: string;
	readonly file?: string;
	readonly json?: boolean;
}

const actions = ['list', 'info', 'add', 'rename', 'remove'] as const;
type Action = (typeof actions)[number];

export async function models(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('models'))
		.description('Lists the models of this machine; looks at, fetches, renames and deletes them.')
		.argument('[action]', actions.join(', '), 'list')
		.argument('[model]', 'owner/name on the hub, a path (add), or a name from the list')
		.argument('[name]', 'the new name (rename)')
		.option('--models <folder>', 'where models are kept', defaultModels)
		.option('--hub <url>', 'another hub of the same interface', defaultHub)
		.option('--token <text>', 'for gated models; default: HF_TOKEN. Kept nowhere')
		.option('--revision <name>', 'branch, tag or commit; default: main')
		.option('--file <name>', 'a GGUF of several, or "safetensors"')
		.option('--json', 'JSON lines')
		.parse([...argv], { from: 'user' });
	const [action = 'list', model, name] = command.args;
	const flags = command.opts<ModelsFlags>();
	const known = actions.find((one) => one === action);
	if (!known) throw new UsageError(`models can ${actions.join(', ')}; got "${action}".`);
	if (known !== 'list' && model === undefined)
		throw new UsageError(`models ${known} needs a model; \`models list\` names them.`);

	const folder = openFolderLibrary(flags.models);
	const controller = new AbortController();
	const library = createLibraryApi({
		request: fetch,
		base: readAddress(flags.hub),
		library: folder,
		probe: () => probeNode(() => folder.space()),
		now: () => performance.now(),
		emit: progressOn(terminal, flags.json ?? false),
		signal: controller.signal,
	});
	const quiet = terminal.onInterrupt(() => controller.abort());
	try {
		return await perform(known, { model: model ?? '', name }, { library, flags, terminal });
	} catch (error) {
		if (controller.signal.aborted) return exitCodes.interrupted;
		throw error;
	} finally {
		quiet();
	}
}

interface Means {
	readonly library: LocalLibraryApi;
	readonly flags: ModelsFlags;
	readonly terminal: Terminal;
}

async function perform(
	action: Action,
	{ model, name }: { readonly model: string; readonly name: string | undefined },
	{ library, flags, terminal }: Means,
): Promise<number> {
	const say = (type: string, value: object, words: () => string): void =>
		terminal.print(flags.json ? JSON.stringify({ type, ...value }) : words());
	const find = async () => await findModel(await library.listModels(), model, flags.models);
	switch (action) {
		case 'list': {
			const entries = await library.listModels();
			for (const entry of entries) say('model', entry, () => lineOf(entry));
			if (entries.length === 0 && !flags.json)
				terminal.print('No model is here yet; fetch one: npm run models add owner/name.');
			return exitCodes.done;
		}
		case 'info': {
			const entries = await library.listModels();
			const here = entries.find(({ id, name: called }) => id === model || called === model);
			if (here?.state === 'complete') {
				const { entry, fit } = await library.describeModel(here.id);
				say('model', { ...entry, fit }, () => [lineOf(entry), ...fitLines(fit)].join('\n'));
			} else {
				const about = await library.describeHubModel(model, choiceOf(flags));
				say('hub-model', about, () => hubLines(about).join('\n'));
			}
			return exitCodes.done;
		}
		case 'add':
			return await add(model, { library, flags, terminal });
		case 'rename': {
			if (name === undefined) throw new UsageError('models rename needs the new name, too.');
			const { id } = await find();
			await library.renameModel(id, name);
			say('renamed', { id, name }, () => `${id} is called ${name} now.`);
			return exitCodes.done;
		}
		case 'remove': {
			const { id, held } = await find();
			await library.removeModel(id);
			say('removed', { id }, () => `${id} is deleted; ${megabytes(held)} are free again.`);
			return exitCodes.done;
		}
		default:
			return action satisfies never;
	}
}

/** A path is copied, anything else is fetched; Ctrl-C keeps what is there. */
async function add(model: string, { library, flags, terminal }: Means): Promise<number> {
	const sources = await openPath(model);
	try {
		const entry = sources
			? await library.addSources(sources, sources.length > 1 ? basename(model) : undefined)
			: await library.downloadModel(model, choiceOf(flags));
		terminal.print(
			flags.json
				? JSON.stringify({ type: entry.state === 'complete' ? 'added' : 'stopped', ...entry })
				: lineOf(entry),
		);
		if (entry.state === 'complete') return exitCodes.done;
		terminal.tell(`Stopped; what is here stays: npm run models add ${model} goes on.`);
		return exitCodes.interrupted;
	} finally {
		for (const source of sources ?? []) await source.close();
	}
}

/** The files of a path; undefined if there is none. */
async function openPath(path: string): Promise<readonly OpenFile[] | undefined> {
	const found = await stat(path).catch(() => undefined);
	if (!found) return undefined;
	if (!found.isDirectory()) return [await openFileSource(path)];
	const entries = await readdir(path, { withFileTypes: true });
	const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
	const open: OpenFile[] = [];
	for (const name of names.sort()) open.push(await openFileSource(join(path, name)));
	return open;
}

function choiceOf({ token = process.env['HF_TOKEN'], revision, file }: ModelsFlags) {
	return {
		...(token === undefined || token === '' ? {} : { token }),
		...(revision === undefined ? {} : { revision }),
		...(file === undefined ? {} : { file }),
	};
}

function readAddress(text: string): string {
	if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
	throw new UsageError(`--hub must be an address such as ${defaultHub}; got "${text}".`);
}

/** Draws one live line in a terminal, JSON lines if a program reads them. */
function progressOn(terminal: Terminal, json: boolean): (event: LibraryEvent) => void {
	return (event) => {
		if (event.type !== 'model-progress') return;
		if (json) {
			terminal.print(JSON.stringify(event));
			return;
		}
		if (!terminal.live) return;
		const { phase, bytes, total, bytesPerSecond, file } = event;
		const speed = bytesPerSecond === null ? '' : `, ${megabytes(bytesPerSecond)}/s`;
		terminal.draw([`${phase} ${file}: ${megabytes(bytes)} of ${megabytes(total)}${speed}`]);
	};
}

const megabytes = (bytes: number): string =>
	bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
const millions = (count: number): string =>
	count >= 1e9 ? `${(count / 1e9).toFixed(2)} B` : `${(count / 1e6).toFixed(1)} M`;

function lineOf({ id, name, held, bytes, state, licence, facts }: LibraryEntry): string {
	const about = facts ? `, ${millions(facts.parameters)} parameters in ${facts.form}` : '';
	const size =
		state === 'complete' ? megabytes(bytes) : `${megabytes(held)} of ${megabytes(bytes)}`;
	const called = name === id ? '' : `  ${name}`;
	return `${id}${called}  ${size}${about}, ${licence ?? 'licence not stated'}${state === 'complete' ? '' : ', not complete'}`;
}

function hubLines(about: HubDescription): readonly string[] {
	const { repository, revision, licence, isGated, options, option, bytes, facts, fit } = about;
	return [
		`${repository} at ${revision.slice(0, 12)}, ${licence ?? 'licence not stated'}${isGated ? ', gated' : ''}`,
		`${facts.architecture}, ${millions(facts.parameters)} parameters in ${facts.form}, context ${facts.contextLength} tokens`,
		`download ${megabytes(bytes)} (${option})`,
		...options
			.filter(({ id }) => id !== option)
			.map(({ id, bytes: size }) => `  or --file ${id}: ${megabytes(size)}`),
		...fitLines(fit),
	];
}

function fitLines({ speak, train, basis, remedy }: Fit): readonly string[] {
	return [
		...[...speak, train].map(
			({ form, bytes, verdict, tokensPerSecond: [low, high] }) =>
				`${form}: ${megabytes(bytes)} of memory (${verdict}), ${low} to ${high} tokens/s`,
		),
		basis,
		...(remedy === '' ? [] : [remedy]),
	];
}
