/** @file What a newcomer is told holds: an environment, a method, an objective is one file, and nothing else changes. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { evolve } from '#loop/evolve.ts';
import { startState } from '#loop/start.ts';
import type { LoopEvent } from '#loop/types.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { assemble } from '#runs/assemble.ts';
import { registries } from '../scripts/registries.ts';
import { writeRegistries } from '../scripts/write-registries.ts';
import { describeEnvironment } from './contracts/describe-environment.ts';
import { expertParity } from './fixtures/newcomer/expert-parity.ts';
import { parity } from './fixtures/newcomer/parity.ts';
import { testWorld } from './loop/world.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const fixture = (name: string): string => join(root, 'tests/fixtures/newcomer', name);
const environment = parity.create({});

describeEnvironment('parity', environment);

describe('in a copy of the sources', () => {
	const copy = mkdtempSync(join(tmpdir(), 'newcomer-'));
	beforeAll(() => {
		cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
		for (const file of ['package.json', 'tsconfig.json'])
			cpSync(join(root, file), join(copy, file));
		symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
	});
	afterAll(() => rmSync(copy, { recursive: true, force: true }));

	test('the indexes are fresh', async () => {
		expect(await writeRegistries(copy)).toEqual([]);
	});

	test('new files are found, written into the indexes, and joined', async () => {
		cpSync(fixture('parity.ts'), join(copy, 'src/environments/parity.ts'));
		cpSync(fixture('expert-parity.ts'), join(copy, 'src/methods/expert-parity.ts'));
		cpSync(fixture('answer-mean.ts'), join(copy, 'src/objectives/answer-mean.ts'));
		expect(await writeRegistries(copy)).toEqual([
			'src/environments/index.ts',
			'src/methods/index.ts',
			'src/objectives/index.ts',
		]);
		const ask = `
			import { environments, openEnvironment } from '#environments/registry.ts';
			import { methodNamed } from '#methods/registry.ts';
			import { environmentsFor } from '#runs/join.ts';
			import { assemble } from '#runs/assemble.ts';
			import { assembleRun, newRecord } from '#runs/request.ts';
			const learning = assemble(methodNamed('rest-em'), { objective: 'answer-mean' });
			const asked = { method: 'expert-parity', environment: 'parity', knobs: {}, seed: 1, rounds: 1 };
			console.log(JSON.stringify({
				title: openEnvironment('parity').words.title,
				first: environmentsFor(methodNamed('expert-parity'), Object.values(environments))[0].name,
				others: environmentsFor(methodNamed('rest-em'), Object.values(environments)).map(({ name }) => name),
				run: newRecord(asked, 'r', 0).name,
				objective: learning.knobs.find(({ name }) => name === 'objective').value,
				model: newRecord(asked, 'r', 0).recipe.model,
				lessons: assembleRun(asked).start.lessons ?? null,
				difficulty: newRecord(asked, 'r', 0).state.objective.difficulty,
			}));`;
		const said = execFileSync(
			process.execPath,
			['--import', 'tsx', '--input-type=module', '--eval', ask],
			{ cwd: copy, encoding: 'utf8' },
		);
		expect(JSON.parse(said)).toEqual({
			title: 'Parity',
			first: 'parity',
			others: expect.arrayContaining(['parity', 'addition']) as unknown,
			run: 'Expert iteration, parity',
			objective: 'answer-mean',
			// The environment says nothing of models: a chat has a default one, taught by nobody here.
			model: 'SmolLM2-135M-Instruct',
			lessons: null,
			difficulty: environment.tasks.difficulty.min,
		});
	});
});

test('the indexes name every part once', async () => {
	for (const { text } of await registries(root)) {
		const names = [...text.matchAll(/^import \{ (\w+) \}/gm)].map(([, name]) => name);
		expect(new Set(names).size).toBe(names.length);
		expect(names.length).toBeGreaterThan(1);
	}
});

test('a seeded round of the new method runs in the new environment', async () => {
	const script = (prompt: string): string => {
		const [bits = ''] = /[01]{4,}/.exec(prompt) ?? [];
		return environment.reference.solve({ bits }) === 'yes' ? 'Yes' : 'No';
	};
	const engine = scripted({
		script,
		errors: { seed: 1, rate: () => 0.3, spoil: (answer) => (answer === 'Yes' ? 'No' : 'Yes') },
	});
	const start = { model: 'SmolLM2-135M-Instruct' };
	const at = testWorld({ environment, engine, start });
	const render = (messages: readonly { readonly content: string }[]) =>
		messages.map(({ content }) => content.replace(/\D/g, '')).join('');
	const characters = Array.from('01YesNo');
	const tokenizer = characterTokenizer({ pad: '_', end: '$', characters });
	const world = { ...at.world, tokenizer, render };
	// The lowest difficulty has sixteen rows of bits, fewer than half of them free to practise.
	const { method } = assemble(expertParity, { problems: 6, examined: 5, steps: 2, batch: 4 });
	const events: LoopEvent[] = [];
	for await (const event of evolve(method, startState(environment, start), world, 1))
		events.push(event);
	expect(events.map(({ type }) => type)).toEqual([
		'evaluated',
		'acquired',
		'refined',
		'updated',
		'evaluated',
	]);
	const refined = events.find(({ type }) => type === 'refined')?.state.experience ?? [];
	expect(refined).toHaveLength(6);
	for (const { fate } of refined)
		if (fate.kind === 'kept')
			for (const example of fate.examples)
				expect(example).toMatchObject({
					completion: script(JSON.stringify('prompt' in example ? example.prompt : '')),
				});
	expect(refined.some(({ fate }) => fate.kind === 'kept')).toBe(true);
});
