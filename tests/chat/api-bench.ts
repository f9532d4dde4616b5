/** @file A library API over a hub and a folder of its own, new for each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createLibraryApi, type LocalLibraryApi, type LibraryEvent } from '#library/library-api.ts';
import type { LibraryApiParts } from '#library/library-api.ts';
import type { Probe } from '#library/probe.ts';
import { openFolderLibrary } from '#storage/library/folder.ts';
import type { Library } from '#storage/library/library.ts';
import { startHub, type HubServer } from '../library/hub-server.ts';
import { tinyFolder, tinyGguf } from '../runs/tiny-model.ts';

export const folder = tinyFolder();
export const gguf = await tinyGguf();
/** A repository with a whole model. */
export const name = 'someone/tiny';
export const weights = folder['model.safetensors'] ?? new Uint8Array();
export const probe: Probe = { where: 'terminal', cores: 2, memoryBytes: 8 * 2 ** 30 };

/** What a test works with. */
export class Bench {
	root = '';
	events: LibraryEvent[] = [];
	#hub: HubServer | undefined;
	#library: Library | undefined;
	#api: LocalLibraryApi | undefined;

	get hub(): HubServer {
		return there(this.#hub);
	}
	get library(): Library {
		return there(this.#library);
	}
	get api(): LocalLibraryApi {
		return there(this.#api);
	}
	open(parts: Partial<LibraryApiParts> = {}): LocalLibraryApi {
		return createLibraryApi({
			request: fetch,
			base: this.hub.url,
			library: this.library,
			probe: async () => probe,
			emit: (event) => this.events.push(event),
			now: () => performance.now(),
			wait: async () => undefined,
			...parts,
		});
	}
	async begin(): Promise<void> {
		this.root = await mkdtemp(join(tmpdir(), 'library-api-'));
		this.#library = openFolderLibrary(join(this.root, 'models'));
		const config = new TextEncoder().encode('{"architectures":["MambaForCausalLM"]}');
		this.#hub = await startHub({
			[name]: {
				...folder,
				'pytorch_model.bin': new Uint8Array(9),
				'img/photo.png': new Uint8Array(5),
			},
			'someone/quants': { 'q8/tiny-Q8_0.gguf': gguf, 'tiny-IQ1_S.gguf': gguf.subarray(0, 5000) },
			'someone/pickle': { 'config.json': new Uint8Array(5), 'pytorch_model.bin': gguf },
			'someone/other': { ...folder, 'config.json': config },
		});
		this.events = [];
		this.#api = this.open();
	}
	async end(): Promise<void> {
		await this.#hub?.close();
		await rm(this.root, { recursive: true, force: true });
	}
	/** Bytes of the first model's file that are there. */
	async held(file = 'model.safetensors'): Promise<number> {
		const [entry] = await this.library.list();
		return entry?.files.find((one) => one.name === file)?.held ?? -1;
	}
}

function there<T>(thing: T | undefined): T {
	if (thing === undefined) throw new Error('The bench is not set up yet.');
	return thing;
}

/** Sets a bench up before each test of the file. */
export function useBench(): Bench {
	const bench = new Bench();
	beforeEach(() => bench.begin());
	afterEach(() => bench.end());
	return bench;
}
