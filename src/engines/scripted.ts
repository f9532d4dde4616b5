/**
 * @file Engine that answers from a script: used by tests, and by the product as a model with a known error rate (by
 * prompt, seeded).
 */
import { derive, random, type Random } from '#base/random.ts';
import type { Adapter } from '#model/adapter.ts';
import {
	type GenerateOptions,
	type Generation,
	type PolicyEngine,
	type Prompt,
	type TokenPiece,
} from './engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { hasForm } from './forms/token-form.ts';
import { promptText, type Render } from './prompt-text.ts';
import { cutAtStop } from './stop-text.ts';

/** Input of a script function. */
export interface ScriptedCall {
	/** Index of the prompt in its batch. */
	readonly index: number;
	readonly options: GenerateOptions;
	readonly adapter: Adapter | null;
}

/** A function of the prompt, a list in order, or a table by prompt. */
export type Script =
	| ((prompt: string, call: ScriptedCall) => string)
	| readonly string[]
	| Readonly<Record<string, string>>;

export interface ScriptedErrors {
	/** Probability that an answer is spoilt, 0–1; callers that know difficulties derive it from the prompt. */
	rate(prompt: string, adapter: Adapter | null): number;
	readonly seed: number;
	/** Corruption of an answer; by default one character is replaced by another of the same answer. */
	readonly spoil?: (answer: string, stream: Random) => string;
}

export interface ScriptedOptions {
	readonly script: Script;
	readonly errors?: ScriptedErrors;
	/** Log-probability in nats of each token (a code point) of a completion. Without it, results have none. */
	readonly score?: (
		prompt: string,
		completion: string,
		adapter: Adapter | null,
	) => readonly number[];
	/** Rendering of a chat for the script; by default a line `role: content` for each message. */
	readonly render?: Render;
	/** Prompts answered between two checks of the abort signal. Default 32. */
	readonly batch?: number;
}

/** A recorded call, for assertions in tests; prompts as the script received them. */
export type RecordedCall =
	| {
			readonly kind: 'generate';
			readonly prompts: readonly string[];
			readonly options: GenerateOptions;
	  }
	| { readonly kind: 'stream'; readonly prompt: string; readonly options: GenerateOptions }
	| { readonly kind: 'score'; readonly pairs: number }
	| { readonly kind: 'setAdapter'; readonly adapter: Adapter | null };

export interface ScriptedEngine extends PolicyEngine {
	/** All calls so far, oldest first. */
	readonly calls: readonly RecordedCall[];
}

/** Creates an engine over a script. */
export function scripted({
	script,
	errors,
	score,
	render = (messages) => messages.map(({ role, content }) => `${role}: ${content}\n`).join(''),
	batch = 32,
}: ScriptedOptions): ScriptedEngine {
	const textOf = (prompt: Prompt): string => promptText(prompt, render);
	const calls: RecordedCall[] = [];
	let adapter: Adapter | null = null;
	let nextAnswer = 0;

	const lookUp = (prompt: string, index: number, options: GenerateOptions): string => {
		if (typeof script === 'function') return script(prompt, { index, options, adapter });
		const answer = Array.isArray(script)
			? (script as readonly string[])[nextAnswer++]
			: Object.entries(script).find(([known]) => known === prompt)?.[1];
		if (answer !== undefined) return answer;
		throw new BackendError(
			'not-available',
			`The script has no answer to "${prompt}"; add one to it.`,
		);
	};

	const answer = (prompt: string, index: number, options: GenerateOptions): Generation => {
		const { form, maxTokens, stop } = options;
		let text = lookUp(prompt, index, options);
		if (form && !hasForm(form, text))
			throw new BackendError(
				'not-available',
				`The script's answer "${text}" is not of the form asked for; change the script.`,
			);
		if (errors) {
			// Greedy answers to one prompt are always the same; sampled ones follow the call's seed.
			const greedy = (options.temperature ?? 0) === 0;
			const draw = greedy ? [prompt] : [prompt, options.seed ?? 0, index];
			const stream = random(derive(errors.seed, ...draw));
			const spoilt =
				stream.next() < errors.rate(prompt, adapter)
					? (errors.spoil ?? spoilOne)(text, stream)
					: text;
			if (!form || hasForm(form, spoilt)) text = spoilt;
		}
		const whole = cutAtStop(text, stop);
		const points = Array.from(whole.text);
		const fits = points.length < maxTokens || points.length === 0;
		return generation(prompt, points.slice(0, maxTokens), fits ? 'stop' : 'length');
	};

	const generation = (
		prompt: string,
		points: readonly string[],
		stopReason: Generation['stopReason'],
	): Generation => {
		const text = points.join('');
		// Both lists are empty without log-probabilities, as the interface requires.
		const logprobs = score?.(prompt, text, adapter) ?? [];
		const tokens = score ? points.map((point) => point.codePointAt(0) ?? 0) : [];
		return {
			text,
			...(score && { promptTokens: Array.from(prompt, (point) => point.codePointAt(0) ?? 0) }),
			tokens,
			logprobs,
			stopReason,
		};
	};

	/** Yields to timers, so that a pending abort is noticed. */
	const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

	return {
		name: 'scripted',
		description: 'scripted',
		calls,
		async generate(asked, options) {
			const prompts = asked.map(textOf);
			calls.push({ kind: 'generate', prompts, options });
			const answers: Generation[] = [];
			for (const [index, prompt] of prompts.entries()) {
				if (index > 0 && index % batch === 0 && !options.signal?.aborted) {
					options.onProgress?.(index, prompts.length);
					await breathe();
				}
				answers.push(
					options.signal?.aborted
						? { text: '', tokens: [], logprobs: [], stopReason: 'aborted' }
						: answer(prompt, index, options),
				);
			}
			if (!options.signal?.aborted) options.onProgress?.(prompts.length, prompts.length);
			return answers;
		},
		async *stream(asked, options): AsyncGenerator<TokenPiece, Generation> {
			const prompt = textOf(asked);
			calls.push({ kind: 'stream', prompt, options });
			const whole = answer(prompt, 0, options);
			const points: string[] = [];
			for (const [i, text] of Array.from(whole.text).entries()) {
				await breathe();
				if (options.signal?.aborted) return generation(prompt, points, 'aborted');
				points.push(text);
				yield { token: text.codePointAt(0) ?? 0, text, logprob: whole.logprobs[i] ?? NaN };
			}
			return whole;
		},
		async score(pairs, options) {
			calls.push({ kind: 'score', pairs: pairs.length });
			if (!score)
				throw new BackendError(
					'not-available',
					'This scripted engine has no log-probabilities; open it with a score function.',
				);
			await breathe();
			options?.signal?.throwIfAborted();
			return pairs.map(({ prompt, completion }) =>
				Float32Array.from(score(textOf(prompt), completion, adapter)),
			);
		},
		setAdapter(next) {
			calls.push({ kind: 'setAdapter', adapter: next });
			adapter = next;
			return Promise.resolve();
		},
		dispose: () => Promise.resolve(),
	};
}

/** Replaces one character by another of the answer, or doubles it if all are equal. */
function spoilOne(answer: string, stream: Random): string {
	const points = Array.from(answer);
	const place = stream.integer(0, Math.max(0, points.length - 1));
	const others = points.filter((point) => point !== points[place]);
	if (others.length === 0) return answer + (points[0] ?? '?');
	return points.with(place, stream.pick(others)).join('');
}
