/** @file A model of the hub looked at by its headers: nothing but configs and tables of contents is fetched. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { openHttpSource } from '#storage/sources/http-range.ts';
import { describeHeaders, type Described } from './describe-model.ts';
import type { Hub, HubFile, HubRepository } from './hub.ts';
import { chooseOption, type ModelOption } from './model-files.ts';
import { fileName } from '#model/checkpoint/model-files.ts';

/** Request for a hub model: its name, revision and choice of files. */
interface HubRequest {
	readonly token?: string;
	readonly revision?: string;
	readonly file?: string;
}

export interface HubLook {
	/** The repository, and the way in which it is to be taken. */
	find(
		name: string,
		asked: HubRequest,
	): Promise<{
		readonly repository: HubRepository;
		readonly option: ModelOption<HubFile>;
		readonly options: readonly ModelOption<HubFile>[];
	}>;
	look(repository: HubRepository, option: ModelOption<HubFile>, token?: string): Promise<Described>;
}

export function lookAt(hub: Hub, request: typeof fetch, signal?: AbortSignal): HubLook {
	return {
		async find(name, { token, revision, file }) {
			const repository = await hub.repository(name, { token, revision, signal });
			return { repository, ...chooseOption(repository.files, repository.name, file) };
		},
		async look({ name, revision }, { files }, token) {
			const sources: ByteSource[] = [];
			for (const { path, bytes } of files) {
				const file = fileName(path);
				const isRead = /\.(gguf|safetensors|index\.json)$|^config\.json$/i.test(file);
				// The others need only be there.
				if (!isRead) sources.push({ name: file, size: bytes, read: () => unread(file) });
				else
					sources.push(
						await openHttpSource(hub.address(name, revision, path), {
							name: file,
							headers: hub.headers(token),
							request,
							...(signal ? { signal } : {}),
						}),
					);
			}
			return await describeHeaders(sources, signal);
		},
	};
}

const unread = (file: string): Promise<never> =>
	Promise.reject(new CheckpointError(`${file} is not read before it is downloaded.`));
