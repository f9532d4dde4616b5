/** @file What the benchmarks measure against, installed into `.cache/peers/`: no dependencies of this project. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const folder = '.cache/peers';
const peers = { '@wllama/wllama': '3.8.1', '@huggingface/transformers': '4.3.1' } as const;

/** Installs the peers that are not there in their exact versions. */
export async function installPeers(): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(`${folder}/package.json`, '{ "private": true }\n', { flag: 'wx' }).catch(
		() => undefined, // there already
	);
	for (const [name, version] of Object.entries(peers)) {
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
