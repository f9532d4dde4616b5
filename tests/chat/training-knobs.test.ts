/** @file Hyper-parameters of training: control, cell, check and flag allow the same, since each is declared once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NumberKnob } from '#base/knobs.ts';
import { trainingKnobs } from '#base/training-knobs.ts';
import { openChatApi } from '#chat/chat-api.ts';
import { flagOf } from '#cli/flags.ts';
import { runCommand } from '#cli/run-command.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { createModels } from '#platform/models.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { lessonKnobs } from '../../src/ui/panels/chat/knobs.ts';
import { terminalDouble } from '../cli/terminal-double.ts';
import { setUp } from '../runs/bench.ts';
import { lessonFor } from './lesson.ts';

let folder = '';
let data = '';
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'training-knobs-'));
	data = join(folder, 'rows.jsonl');
	await writeFile(data, '{"prompt":"a","completion":"b"}');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const knobs: Readonly<Record<string, NumberKnob>> = trainingKnobs;
const rangeOf = ({ kind, min, max, scale }: NumberKnob) => ({
	...{ kind, min, max },
	...(scale && { scale }),
});
/** Just outside: of whole numbers the next one. */
const outside = ({ kind, min, max }: NumberKnob) =>
	kind === 'integer' ? [min - 1, max + 1, min + 0.5] : [min / 2, 0, max * 1.01];

test.each([
	['the cell', architecture.knobs],
	["the chat's controls", lessonKnobs],
])('%s allows what training allows', (_, declared) => {
	const shared = Object.entries(declared).filter(([name]) => Object.hasOwn(knobs, name));
	expect(shared.length).toBeGreaterThanOrEqual(4);
	for (const [name, knob] of shared)
		expect(knob, name).toMatchObject(rangeOf(knobs[name] ?? architecture.knobs.rank));
});

/** What the terminal says of a value; a model that is not there is looked for only after all values are allowed. */
async function inTerminal(name: string, value: number): Promise<string> {
	const terminal = terminalDouble();
	const flag = [`--${flagOf(name)}`, String(value)];
	const argv = ['tune', '--model', 'nowhere.gguf', '--data', data, '--out', join(folder, 'out')];
	await runCommand([...argv, ...flag], terminal);
	return terminal.err[0] ?? '';
}

/** What the chat says of a value; a lesson without answers is refused only after all values are allowed. */
async function inChat(name: string, value: number): Promise<string> {
	const { store, model } = setUp();
	const platform = { store, now: () => 0, openModel: () => Promise.resolve(model()) };
	const api = openChatApi({
		platform,
		models: createModels(platform, () => undefined),
		adapters: openMemoryStore().files,
		emit: () => undefined,
	});
	const lesson = { ...lessonFor('any'), answers: [], [name]: value };
	return api.tuneChat(lesson).then(
		() => 'taught',
		(error: unknown) => String(error),
	);
}

const inLesson = ['steps', 'rank', 'learningRate', 'maxTokens', 'seed'];
describe.each(Object.entries(knobs))('%s', (name, knob) => {
	test('is allowed from end to end by the terminal and by the chat', async () => {
		for (const value of [knob.min, knob.default, knob.max]) {
			expect(await inTerminal(name, value)).toMatch(/^There is no model at nowhere\.gguf/);
			if (inLesson.includes(name)) expect(await inChat(name, value)).toMatch(/mark at least one/);
		}
	});

	test('is refused outside by both, in the same words', async () => {
		const range = `must be a ${knob.kind === 'integer' ? 'whole ' : ''}number from ${knob.min} to ${knob.max}; got`;
		for (const value of outside(knob)) {
			expect(await inTerminal(name, value)).toBe(`--${flagOf(name)} ${range} "${value}".`);
			if (inLesson.includes(name))
				expect(await inChat(name, value)).toContain(`${name} ${range} "${value}".`);
		}
	});
});
