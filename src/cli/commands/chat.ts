/** @file `chat`: one answer of a model on disk, with or without an adapter. */
import { Command } from 'commander';
import { answerOf } from '#chat/answer.ts';
import type { Generation, Message } from '#engines/engine.ts';
import { formatNames } from '#engines/weight-formats.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import {
	readKvFlags,
	readNumber,
	readSeed,
	readWhole,
	withKvFlags,
	type KvFlags,
} from '../flags.ts';
import { readThreads, withModel } from '../interruptible.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface ChatFlags extends KvFlags {
	readonly model: string;
	readonly adapter?: string;
	readonly prompt: string;
	readonly raw?: boolean;
	readonly system?: string;
	readonly temperature: string;
	readonly maxTokens: string;
	readonly seed: string;
	readonly threads?: string;
	readonly form: string;
	readonly json?: boolean;
}

export async function chat(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const flags = withKvFlags(prepare(new Command('chat')), 'a prompt of 1,024 tokens or more')
		.description('Asks a model on disk, and prints its answer.')
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.option('--adapter <folder>', 'LoRA to lay over it, as PEFT writes it')
		.requiredOption('--prompt <text>', 'what to ask')
		.option('--raw', 'send the text as it is, without the chat template')
		.option('--system <text>', 'how the model should be; before the question')
		.option('--temperature <number>', '0 always takes the likeliest token', '0')
		.option('--max-tokens <number>', 'longest answer', '256')
		.option('--seed <number>', 'the same seed gives the same answer', '1')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option(
			'--form <name>',
			`how weights are held: ${formatNames.join(', ')}; auto is what is measured to be best`,
			'auto',
		)
		.option('--json', 'one JSON object')
		.parse([...argv], { from: 'user' })
		.opts<ChatFlags>();
	const temperature = readNumber('temperature', flags.temperature);
	if (temperature < 0 || temperature > 10)
		throw new UsageError(
			`--temperature must be a number from 0 to 10; got "${flags.temperature}".`,
		);
	const maxTokens = readWhole('max-tokens', flags.maxTokens, 1, 1_000_000);
	const seed = readSeed(flags.seed);
	const threads = readThreads(flags.threads);
	const cache = readKvFlags(flags);
	const form = formatNames.find((name) => name === flags.form);
	if (!form)
		throw new UsageError(`--form must be one of ${formatNames.join(', ')}; got "${flags.form}".`);
	if (flags.raw && flags.system !== undefined)
		throw new UsageError('--system needs the chat template; leave out --raw or --system.');

	return withModel(flags.model, { threads, form }, terminal, async (files, signal) => {
		const { spec, name, chat } = files;
		if (!flags.raw && chat?.template === undefined)
			throw new UsageError(`${name} has no chat template; add --raw to send plain text.`);
		const adapter =
			flags.adapter === undefined ? null : await readAdapterFolder(flags.adapter, spec, signal);
		const model = await files.openEngine(signal);
		const streams = terminal.live && !flags.json;
		const answer = await answerOf(
			flags.raw && chat ? { ...model, chat: { ...chat, template: undefined } } : model,
			{ conversation: conversationOf(flags), adapter },
			{ temperature, maxTokens, seed, signal, ...(cache && { cache }) },
			({ text }) => {
				if (streams) terminal.write(text);
			},
		);
		if (streams) terminal.print('');
		else terminal.print(flags.json ? lineOf(answer) : answer.text);
		if (answer.stopReason === 'context') {
			const context = `the model's context of ${spec.contextLength} tokens`;
			if (answer.tokens.length === 0) {
				terminal.tell(`The prompt does not fit into ${context}; shorten it.`);
				return exitCodes.failed;
			}
			terminal.tell(`The answer ended where ${context} was full.`);
		}
		return signal.aborted ? exitCodes.interrupted : exitCodes.done;
	});
}

function conversationOf({ prompt, system }: ChatFlags): readonly Message[] {
	const question: Message = { role: 'user', content: prompt };
	return system === undefined ? [question] : [{ role: 'system', content: system }, question];
}

const lineOf = ({ text, tokens, logprobs, stopReason }: Generation): string =>
	JSON.stringify({ type: 'answer', text, tokens, logprobs, stop: stopReason });
