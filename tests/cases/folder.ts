/** @file Model folder of the cases, with files replaced or added. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runCommand } from '#cli/run-command.ts';
import { terminalDouble } from '../cli/terminal-double.ts';

/** Path of a fixture. */
export const caseFile = (name: string): string =>
	fileURLToPath(new URL(`../fixtures/cases/${name}`, import.meta.url));

/** Text of a fixture. */
export const caseText = (name: string): Promise<string> => readFile(caseFile(name), 'utf8');

export const expected = JSON.parse(await caseText('expected.json')) as {
	readonly loss: Readonly<Record<string, { readonly loss: number; readonly taught: number }>>;
	readonly greedy: Readonly<
		Record<string, { readonly tokens: readonly number[]; readonly logprobs: readonly number[] }>
	>;
};

const parts = [
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'chat_template.jinja',
	'model.safetensors',
];

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'evolvarium-case-'));
	onTestFinished(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

/** The tiny model with these files in place of its own; null leaves one out. */
export async function modelFolder(
	changes: Readonly<Record<string, string | Uint8Array | null>> = {},
): Promise<string> {
	const folder = await temporaryFolder();
	for (const name of parts)
		if (!(name in changes)) await copyFile(caseFile(`tiny-llama/${name}`), join(folder, name));
	for (const [name, content] of Object.entries(changes)) {
		if (content === null) continue;
		await mkdir(join(folder, name, '..'), { recursive: true });
		await writeFile(join(folder, name), content);
	}
	return folder;
}

/** A command of the terminal, with its exit code and its lines. */
export async function run(...args: readonly string[]) {
	const terminal = terminalDouble();
	const code = await runCommand(args, terminal);
	const { out, err } = terminal;
	const json = (line: string): unknown => JSON.parse(line);
	return { code, out, err, events: args.includes('--json') ? out.map(json) : [] };
}
