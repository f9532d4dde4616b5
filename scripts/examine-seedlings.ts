/**
 * @file Entrance examinations of the shipped seedlings, with the page's default seed and number of problems, each beside
 * its model as `examination.json`. Run it again when a seedling, its environment or the examination changes; names of
 * seedlings after the command leave out all others.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadModel } from '#model/checkpoint/load.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { entranceFile, hashedReader } from '#platform/entrance.ts';
import { LocalSession } from '#runs/local-session.ts';
import { assembleRun, readKnobs } from '#runs/request.ts';
import type { StartOptions } from '#runs/session.ts';
import { isScore } from '#runs/stored/score.ts';
import type { StoredEntrance } from '#runs/stored/entrance.ts';
import { seedlings, type Seedling } from '#seedlings/seedlings.ts';
import type { RunRecord } from '#storage/runs/store.ts';

const models = fileURLToPath(new URL('../public/models/', import.meta.url));
/** As the page asks unless told otherwise; a scratchpad or a plain sum differs in the format alone. */
const asked = { method: 'easy-to-hard', seed: 1, rounds: 1 } as const;

/** Sits the examination, and nothing after it. */
async function examine(options: StartOptions): Promise<RunRecord> {
	const platform = await openNodePlatform();
	const session = new LocalSession({
		...platform,
		openModel: async (name) => {
			const { entrance: _stored, ...model } = await platform.openModel(name);
			return model;
		},
	});
	const examined = new Promise<RunRecord>((resolve, reject) => {
		session.subscribe((event) => {
			if (event.type === 'committed' && event.step === 'evaluated') resolve(event.run);
			if (event.type === 'failed') reject(new Error(event.error.message));
		});
	});
	await session.start(options);
	const run = await examined;
	await session.dispose();
	return run;
}

const wanted = process.argv.slice(2);
for (const [name, { environment, knobs }] of Object.entries<Seedling>(seedlings)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	const hashed = hashedReader((file) => readFile(`${models}/${name}/${file}`));
	const isShipped = await loadModel(hashed.read).then(
		() => true,
		() => false,
	);
	if (!isShipped) continue;
	const options = { ...asked, environment, knobs, model: name };
	const [score] = (await examine(options)).scores.filter(isScore);
	const examined = readKnobs(options).find(({ name: knob }) => knob.endsWith('examined'))?.value;
	if (!score || typeof examined !== 'number') throw new Error(`${name} was not examined.`);
	const stored: StoredEntrance = {
		model: hashed.finish(),
		environment,
		knobs: assembleRun(options).environmentKnobs,
		seed: asked.seed,
		examined,
		cells: score.cells,
	};
	await writeFile(`${models}/${name}/${entranceFile}`, `${JSON.stringify(stored)}\n`);
	console.log(`${name}: ${score.cells.length} results, up to ${score.frontier}.`);
}
