/** @file What the benchmarks measure against, installed into `.cache/peers/`: no dependencies of this project. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const folder = '.cache/peers';
export const peerVersions = {
	'@wllama/wllama': '3.13.0',
	'@huggingface/transformers': '4.3.2',
	// Native llama.cpp; its binaries lie in packages of their own, one for each system.
	'node-llama-cpp': '3.22.1',
} as const;

/** Installs the peers that are not there in their exact versions. */
export async function installPeers(): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(`${folder}/package.json`, '{ "private": true }\n', { flag: 'wx' }).catch(
		() => undefined, // there already
	);
	for (const [name, version] of Object.entries(peerVersions)) {
		const found = await readFile(`${folder}/node_modules/${name}/package.json`, 'utf8').catch(
			() => '{}',
		);
		if ((JSON.parse(found) as { version?: string }).version === version) continue;
		// Under `npm run` npm is a script that Node runs, on every system.
		const npm = process.env['npm_execpath'];
		const install = [
			'install',
			'--no-audit',
			'--no-fund',
			'--ignore-scripts',
			`${name}@${version}`,
		];
		await promisify(execFile)(
			npm === undefined ? 'npm' : process.execPath,
			npm === undefined ? install : [npm, ...install],
			{ cwd: folder },
		);
	}
}

/** The part of node-llama-cpp that is measured. */
interface LlamaModule {
	getLlama(options: Readonly<Record<string, unknown>>): Promise<{
		loadModel(options: { readonly modelPath: string }): Promise<{
			createContext(options: Readonly<Record<string, unknown>>): Promise<{
				getSequence(): {
					clearHistory(): Promise<void>;
					evaluate(
						tokens: readonly number[],
						options: { readonly temperature: number },
					): AsyncIterable<number>;
				};
			}>;
		}>;
		dispose(): Promise<void>;
	}>;
}

/** Opens a GGUF file in native llama.cpp; undefined if there is no binary for this machine. */
export async function openNativeLlama(
	file: string,
	contextLength: number,
	threads: number,
): Promise<
	| {
			/** Greedy tokens after a prompt, without end. */
			answer(tokens: readonly number[]): AsyncIterable<number>;
			close(): Promise<void>;
	  }
	| undefined
> {
	const path = resolve(folder, 'node_modules/node-llama-cpp/dist/index.js');
	try {
		const { getLlama } = (await import(pathToFileURL(path).href)) as LlamaModule;
		const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 0, logLevel: 'error' });
		const model = await llama.loadModel({ modelPath: resolve(file) });
		const context = await model.createContext({
			contextSize: contextLength,
			threads: { ideal: threads, min: threads },
		});
		const sequence = context.getSequence();
		return {
			async *answer(tokens) {
				await sequence.clearHistory();
				yield* sequence.evaluate(tokens, { temperature: 0 });
			},
			close: () => llama.dispose(),
		};
	} catch (error) {
		console.log(error instanceof Error ? error.message : error);
		return undefined;
	}
}
