/** @file Answers assembled from a server's pieces. */
import type { AnswerForm, GenerateOptions, Generation, StopReason, TokenPiece } from '../engine.ts';
import { hasForm } from '../forms/token-form.ts';
import { findStop } from '../stop-text.ts';
import { EndpointFailure } from './failure.ts';
import type { ReplyChoice } from './reply.ts';

/** An answer without text. */
export const nothing = (stopReason: StopReason): Generation => whole([], stopReason);

/** An answer of its pieces; tokens and log-probabilities only if all pieces have them. */
export function whole(pieces: readonly TokenPiece[], stopReason: StopReason): Generation {
	const hasLogprobs = pieces.every(({ logprob }) => !Number.isNaN(logprob));
	return {
		text: pieces.map(({ text }) => text).join(''),
		tokens: hasLogprobs ? pieces.map(({ token }) => token) : [],
		logprobs: hasLogprobs ? pieces.map(({ logprob }) => logprob) : [],
		stopReason,
	};
}

/** The answers in a request's replies, by index; servers that only stream do so unasked. */
export function gathered(choices: readonly ReplyChoice[], options: GenerateOptions): Generation[] {
	const byIndex = new Map<number, { pieces: TokenPiece[]; finish: StopReason | undefined }>();
	for (const { index, pieces, finish } of choices) {
		const answer = byIndex.get(index) ?? { pieces: [], finish: undefined };
		answer.pieces.push(...pieces);
		answer.finish ??= finish;
		byIndex.set(index, answer);
	}
	return [...byIndex]
		.sort(([a], [b]) => a - b)
		.map(([, { pieces, finish = 'stop' }]) => {
			// Cut at its stop text if the server did not.
			const search = findStop<TokenPiece>(options.stop ?? []);
			const kept = pieces.flatMap((piece) => search.push(piece));
			const all = [...kept, ...search.flush()];
			return checked(whole(all, search.stopped ? 'stop' : finish), options.form);
		});
}

/** The answer if it matches the grammar or was cut at its limit; otherwise an error that names the server. */
export function checked(answer: Generation, form: AnswerForm | undefined): Generation {
	if (!form || answer.stopReason !== 'stop') return answer;
	const kept = form.kind === 'json-schema' ? isJson(answer.text) : hasForm(form, answer.text);
	if (kept) return answer;
	throw new EndpointFailure(
		`The endpoint ignored the grammar; it answered "${answer.text.slice(0, 80)}". Use a server that holds answers to a schema, such as vLLM, llama.cpp or Ollama.`,
		{ status: 200 },
	);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
