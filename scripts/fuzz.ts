/**
 * @file `npm run fuzz -- --inputs N --seed S`: every reader of strangers' data, on mutated files and on those built by hand.
 *
 * Each input is read in a child process with limits of time and memory. An input is a reader and a seed, which the report
 * names, so that `--only reader:seed` reads it again. Exit code 1 on any fault.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { derive } from '#base/random.ts';
import { endless } from './fuzz/endless.ts';
import { isFine, kinds, type Answer, type Question } from './fuzz/outcome.ts';
import { openChild } from './fuzz/pool.ts';
import { readers } from './fuzz/readers.ts';

const { values } = parseArgs({
	options: {
		inputs: { type: 'string', default: '1000' },
		seed: { type: 'string', default: '1' },
		children: { type: 'string', default: String(Math.min(2, availableParallelism())) },
		only: { type: 'string' },
	},
});
const limits = { time: 20_000, memory: 1500 << 20 };
const names = Object.keys(readers);

function questions(): readonly Question[] {
	if (values.only !== undefined) {
		const [reader = '', seed = ''] = values.only.split(':');
		return [{ reader, seed: Number(seed) }];
	}
	const mutated = Array.from({ length: Number(values.inputs) }, (_, i): Question => {
		const reader = names[i % names.length] ?? '';
		return { reader, seed: derive(Number(values.seed), reader, i) };
	});
	return [...endless.map(({ name, reader }) => ({ reader, seed: 0, byHand: name })), ...mutated];
}

const counts = new Map<string, Map<Answer['kind'], number>>();
const faults: string[] = [];
const open = [...questions()];
const total = open.length;

async function work(): Promise<void> {
	const child = openChild(limits);
	for (let next = open.shift(); next; next = open.shift()) {
		const answer = await child.ask(next);
		const row = counts.get(next.reader) ?? new Map<Answer['kind'], number>();
		row.set(answer.kind, (row.get(answer.kind) ?? 0) + 1);
		counts.set(next.reader, row);
		if (!isFine(answer))
			faults.push(
				`${next.byHand ?? `${next.reader}:${next.seed}`}: ${answer.kind}: ${answer.message}`,
			);
	}
	child.close();
}

await Promise.all(Array.from({ length: Number(values.children) }, work));
const shown = kinds.filter((kind) => [...counts.values()].some((row) => row.has(kind)));
for (const [reader, row] of counts)
	console.log(
		`${reader.padEnd(12)} ${shown.map((kind) => `${kind} ${row.get(kind) ?? 0}`).join(', ')}`,
	);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(`${total} inputs, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
