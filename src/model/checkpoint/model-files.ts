/**
 * @file Choice of a model's files among those of a folder, with transformers' names: the same for a folder on disk, one
 * that is given to the page, and a repository of the hub.
 */
import { CheckpointError } from './checkpoint-error.ts';

/** Anything with a path, whose parts are separated by `/` or `\`. */
interface Located {
	readonly path: string;
}

/** Small files of a model folder. */
const small: ReadonlySet<string> = new Set([
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'special_tokens_map.json',
	'chat_template.jinja',
	'README.md',
]);
const whole = 'model.safetensors';
const index = 'model.safetensors.index.json';
/** Weights of something else, or in the layout of another library. */
const other = /^(adapter_model|consolidated|optimizer|scheduler|random_states|rng_state)/;

const partsOf = (path: string): readonly string[] => path.split(/[/\\]/);
export const fileName = (path: string): string => partsOf(path).at(-1) ?? path;
const folderOf = (path: string): string => partsOf(path).slice(0, -1).join('/');

/** The small files and the weights of a model folder. */
export interface FolderFiles<F extends Located> {
	readonly config: F;
	/** `config.json` among them, and the index of the weights if they are in parts. */
	readonly small: readonly F[];
	/** Empty if there are none that can be read; several without an index if nobody can say which. */
	readonly weights: readonly F[];
	/** Does an index say which tensor is in which file? */
	readonly isSplit: boolean;
}

/**
 * The model folder among the files: the topmost one with a `config.json`, so that checkpoints below it are passed over.
 * Undefined without a `config.json`.
 */
export function folderFiles<F extends Located>(files: readonly F[]): FolderFiles<F> | undefined {
	const depth = ({ path }: F): number => partsOf(path).length;
	const configs = files.filter(({ path }) => fileName(path) === 'config.json');
	const top = Math.min(...configs.map(depth));
	const [config, second] = configs.filter((file) => depth(file) === top);
	if (!config) return undefined;
	if (second)
		throw new CheckpointError(
			`There are models in ${[config, second].map(({ path }) => folderOf(path)).join(' and ')}; choose one folder.`,
		);
	const beside = filesAround(files, folderOf(config.path));
	const named = (name: string) => beside.filter(({ path }) => fileName(path) === name);
	const isSplit = named(whole).length === 0 && named(index).length > 0;
	return {
		config,
		small: beside.filter(
			({ path }) => small.has(fileName(path)) || (isSplit && fileName(path) === index),
		),
		weights: weightsAmong(beside, isSplit),
		isSplit,
	};
}

/** Files of a folder, and those of the ones above it that it has none of the name of: some are added one by one. */
function filesAround<F extends Located>(files: readonly F[], folder: string): readonly F[] {
	const found = new Map<string, F>();
	for (const file of files) {
		const own = folderOf(file.path);
		const name = fileName(file.path);
		if (own === folder || (isAbove(own, folder) && !found.has(name))) found.set(name, file);
	}
	return [...found.values()];
}

const isAbove = (one: string, folder: string): boolean =>
	one === '' || folder.startsWith(`${one}/`);

/** As transformers looks for them: one file, else the parts of an index; else a single file of another name. */
function weightsAmong<F extends Located>(files: readonly F[], isSplit: boolean): readonly F[] {
	const tensors = files.filter(({ path }) => path.endsWith('.safetensors'));
	const one = tensors.filter(({ path }) => fileName(path) === whole);
	if (one.length > 0) return one;
	const parts = tensors.filter(({ path }) => /-\d+-of-\d+\.safetensors$/.test(path));
	if (isSplit && parts.length > 0) return parts;
	return tensors.filter(({ path }) => !other.test(fileName(path)));
}
