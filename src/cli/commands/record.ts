/** @file `record`: a run whose events are written as the recording that the page plays first. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { compact, type RecordedEvent } from '#runs/stored/recording.ts';
import { AdapterCollector } from '#runs/stored/adapter-files.ts';
import { adapterPath } from '#runs/stored/recorded-adapters.ts';
import { readControl } from '../controls.ts';
import { assertWritable, writeOut } from '../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';
import { readEvolve, startRun } from './evolve.ts';

/** Fetched after the first paint; the page must have it before the reader has read a paragraph. */
const maxBytes = 600_000;

/** Fetched when a person asks the recorded model; that of a larger model is left out. */
const maxAdapterBytes = 1_000_000;

/** From full to thin: the first that fits is taken. */
const thinnings = [
	{ samples: 48, everyMs: 400 },
	{ samples: 24, everyMs: 800 },
	{ samples: 12, everyMs: 1500, stride: 2 },
	{ samples: 6, everyMs: 3000, stride: 3 },
	{ samples: 3, everyMs: 6000, stride: 3 },
] as const;

/** Ten curve points a second are more than a chart shows. */
const digits = 5;

export async function record(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const { flags, options } = readEvolve(
		'record',
		'Runs like evolve, and writes a recording for the page.',
		argv,
		(command) =>
			prepare(command)
				.option('--to <file>', 'the recording to write (JSON); must be given')
				.option(
					'--control <title=file>',
					'a recording of the same seed and rounds that goes without something, drawn beside it; may be given again',
					(value: string, before: readonly string[]) => [...before, value],
					[],
				),
	);
	const { to, control } = flags;
	const controls = await Promise.all((control as readonly string[]).map(readControl));
	if (typeof to !== 'string') throw new UsageError('record needs --to <file>.');
	await assertWritable('to', to, 'file');
	const startedMs = performance.now();
	const events: RecordedEvent[] = [];
	const collector = new AdapterCollector();
	const { code, run } = await startRun(flags, options, terminal, {
		heard: (event) => {
			events.push({ atMs: Math.round(performance.now() - startedMs), event });
			collector.heard(event);
		},
		wrote: (name, bytes) => collector.wrote(name, bytes),
	});
	if (code !== exitCodes.done || !run) return code;
	const shipped = [...collector.shipped(run.recipe.rounds)].filter(
		([, { bytes }]) => bytes.length <= maxAdapterBytes,
	);
	const adapters = shipped.map(([t, { parameters }]) => ({ t, parameters }));
	const { model } = run.recipe;
	const recordedAt = new Date(run.createdAt).toISOString().slice(0, 10);
	for (const thinning of thinnings) {
		const text = JSON.stringify(
			{
				...{ recordedAt, recipe: run.recipe, engine: run.engine, adapters },
				...(controls.length > 0 && { controls }),
				events: compact(events, thinning),
			},
			(key, value: unknown) => (value === model ? nameOf(model) : shorten(key, value)),
		);
		if (Buffer.byteLength(text) > maxBytes) continue;
		await writeOut('to', to, text);
		for (const [t, { bytes }] of shipped) await writeOut('to', adapterPath(to, t), bytes);
		terminal.tell(
			`Recorded ${to}: ${Buffer.byteLength(text)} bytes, ${adapters.length} adapters beside it.`,
		);
		return exitCodes.done;
	}
	terminal.tell(`The recording is over ${maxBytes} bytes however thin; record fewer rounds.`);
	return exitCodes.failed;
}

/** A model's file by its name: where it lay is nobody's business. */
const nameOf = (model: string): string => basename(model, '.gguf');

/** Numbers of a picture need no more digits. Only training reads tokens; of their log-probabilities the page shows the mean. */
function shorten(key: string, value: unknown): unknown {
	if (key === 'tokens' && Array.isArray(value)) return undefined;
	if (key === 'logprobs' && isNumbers(value) && value.length > 0)
		return [value.reduce((sum, one) => sum + one, 0) / value.length];
	return typeof value === 'number' && !Number.isInteger(value)
		? Number(value.toPrecision(digits))
		: value;
}

const isNumbers = (value: unknown): value is readonly number[] =>
	Array.isArray(value) && value.every((one) => typeof one === 'number');
