/** @file Selection of a model's files: one GGUF, or safetensors with their configs. */
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { folderFiles } from '#model/checkpoint/model-files.ts';

interface FoundFile {
	readonly path: string;
	readonly bytes: number;
}

/** One way to take a model: a GGUF file, or the safetensors of a repository. */
export interface ModelOption<F extends FoundFile = FoundFile> {
	/** A GGUF's path, or `safetensors`. */
	readonly id: string;
	readonly bytes: number;
	readonly files: readonly F[];
}

/** Weight formats of `weightForms`, as they stand in file names; the best first. */
const readableNames =
	/(?:^|[-._])(q8_0|f16|bf16|f32|q6_k|q5_0|q5_1|q4_k(?:_[sml])?|q4_1|q4_0)(?=\.gguf$)/i;

/** Every way to take the model; the first is the one to offer. */
function modelOptions<F extends FoundFile>(files: readonly F[]): readonly ModelOption<F>[] {
	const size = (some: readonly F[]) => some.reduce((sum, { bytes }) => sum + bytes, 0);
	const options: ModelOption<F>[] = [];
	const folder = folderFiles(files.filter(({ path }) => !path.includes('/')));
	if (folder && (folder.isSplit ? folder.weights.length > 0 : folder.weights.length === 1)) {
		const taken = [...folder.small, ...folder.weights];
		options.push({ id: 'safetensors', bytes: size(taken), files: taken });
	}
	const ggufs = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj|imatrix/i.test(path));
	const whole = ggufs.filter(({ path }) => !/-\d+-of-\d+\.gguf$/i.test(path));
	const readable = (file: F) => readableNames.test(file.path);
	for (const file of [...whole].sort(
		(a, b) => Number(readable(b)) - Number(readable(a)) || a.bytes - b.bytes,
	))
		options.push({ id: file.path, bytes: file.bytes, files: [file] });
	return options;
}

/** The option asked for, or the first; if there is none, the reason. */
export function chooseOption<F extends FoundFile>(
	files: readonly F[],
	name: string,
	wanted?: string,
): { readonly option: ModelOption<F>; readonly options: readonly ModelOption<F>[] } {
	const options = modelOptions(files);
	const option = wanted === undefined ? options[0] : options.find(({ id }) => id === wanted);
	if (option) return { option, options };
	if (options.length > 0)
		throw new CheckpointError(
			`${name} has no file "${String(wanted)}"; it has ${options.map(({ id }) => id).join(', ')}.`,
		);
	const has = (end: RegExp) => files.some(({ path }) => end.test(path));
	if (has(/-\d+-of-\d+\.gguf$/i))
		throw new CheckpointError(
			`${name} is split into several GGUF files; choose a repository with a single one, or join them: llama-gguf-split --merge.`,
		);
	if (has(/^adapter_config\.json$/))
		throw new CheckpointError(`${name} is a LoRA adapter, not a model; take its base model.`);
	if (has(/\.(bin|pt|pth|ckpt)$/))
		throw new CheckpointError(
			`${name} has weights as PyTorch pickles only, which can run code; choose one with safetensors or GGUF.`,
		);
	throw new CheckpointError(
		`${name} has neither safetensors with a config.json nor a GGUF file; choose another model.`,
	);
}
