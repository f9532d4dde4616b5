/** @file Work that Ctrl-C stops, and a model on disk that is closed behind it. */
import { ChatTemplateError } from '#model/chat-template.ts';
import type { LargeModel } from '#platform/large-model.ts';
import { openModelAt, type NodeModelOptions } from '#platform/open-node.ts';
import { resolveModel } from '#library/resolve-model.ts';
import { readWhole } from './flags.ts';
import { exitCodes, UsageError, type Terminal } from './terminal.ts';

/** Exit code of the work; a failure after Ctrl-C counts as an interruption. */
export async function interruptible(
	terminal: Terminal,
	work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
	const controller = new AbortController();
	const { signal } = controller;
	const quiet = terminal.onInterrupt(() => controller.abort());
	try {
		return await work(signal);
	} catch (error) {
		if (signal.aborted) return exitCodes.interrupted;
		throw error;
	} finally {
		quiet();
	}
}

/** Threads of ONNX Runtime, out of `--threads`; undefined lets it choose. */
export const readThreads = (text: string | undefined): number | undefined =>
	text === undefined ? undefined : readWhole('threads', text, 1, 256);

/** Opens a model for one command, by its path or by its name among the downloaded ones; a prompt that its template refuses is a usage error. */
export const withModel = (
	nameOrPath: string,
	options: Omit<NodeModelOptions, 'signal'>,
	terminal: Terminal,
	work: (model: LargeModel, signal: AbortSignal) => Promise<number>,
): Promise<number> =>
	interruptible(terminal, async (signal) => {
		const model = await openModelAt(await resolveModel(nameOrPath), { ...options, signal });
		try {
			return await work(model, signal);
		} catch (error) {
			if (error instanceof ChatTemplateError) throw new UsageError(error.message);
			throw error;
		} finally {
			await model.dispose();
		}
	});
