/** @file Catalogue of web-llm: compiled models, their GPU requirements and file addresses. */
import type { AppConfig, ModelRecord } from '@mlc-ai/web-llm';

/** A model compiled for web-llm. */
export interface WebLlmModel {
	readonly id: string;
	/** Folder of the weights; `resolve/main/` is appended if the address lacks it. */
	readonly weights: string;
	/** The compiled library (`.wasm`). */
	readonly library: string;
	/** GPU memory at the configured context, as the package states it. */
	readonly memoryBytes?: number;
	/** Largest GPU buffer it binds. */
	readonly bufferBytes?: number;
	/** WebGPU features required, such as `shader-f16`. */
	readonly features: readonly string[];
	/** Made for small devices. */
	readonly small: boolean;
	readonly contextLength?: number;
}

/** Text models in the package's list, smallest first; loads the package (7 MB). */
export async function webLlmModels(): Promise<readonly WebLlmModel[]> {
	const { prebuiltAppConfig, ModelType } = await import('@mlc-ai/web-llm');
	return prebuiltAppConfig.model_list
		.filter(({ model_type: type = ModelType.LLM }) => type === ModelType.LLM)
		.map(readRecord)
		.sort((a, b) => (a.memoryBytes ?? Infinity) - (b.memoryBytes ?? Infinity));
}

function readRecord(record: ModelRecord): WebLlmModel {
	const {
		vram_required_MB: memory,
		buffer_size_required_bytes: buffer,
		overrides: { context_window_size: context } = {},
	} = record;
	return {
		id: record.model_id,
		weights: record.model,
		library: record.model_lib,
		...(memory === undefined ? {} : { memoryBytes: Math.round(memory * 2 ** 20) }),
		...(buffer === undefined ? {} : { bufferBytes: buffer }),
		features: [...new Set([...(record.required_features ?? []), ...halves(record.model_id)])],
		small: record.low_resource_required === true,
		...(context === undefined ? {} : { contextLength: context }),
	};
}

/** `shader-f16` for weights or arithmetic in F16; not every record of the package lists it. */
const halves = (id: string): readonly string[] => (/q\df16/.test(id) ? ['shader-f16'] : []);

/** The package's configuration of a model; files are kept in the browser's Cache storage. */
export const configOf = ({ id, weights, library, features, contextLength }: WebLlmModel) =>
	({
		model_list: [
			{
				model: weights,
				model_id: id,
				model_lib: library,
				required_features: [...features],
				...(contextLength === undefined
					? {}
					: { overrides: { context_window_size: contextLength } }),
			},
		],
	}) satisfies AppConfig;
