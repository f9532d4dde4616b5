/**
 * @file One engine, two users: the loop, which samples from the policy, and a person who asks the base model and the
 * policy in between. Calls take turns, and the loop's weights are back before its next one.
 */
import { BackendError } from '#base/backend-error.ts';
import { createMutex } from '#base/concurrency/mutex.ts';
import type {
	Engine,
	GenerateOptions,
	Generation,
	PolicyEngine,
	Prompt,
	TokenPiece,
	TokenRow,
	TokenScores,
} from '#engines/engine.ts';
import type { Adapter } from '#model/adapter.ts';

/** An engine as the loop sees it, and its other users' calls; each call holds it until it ends. */
export interface SharedEngine extends PolicyEngine {
	/** The base model without the policy's adapter: the same weights, so no more memory. */
	readonly frozen: Engine;
	/** Generates with other weights, between two calls of the loop. */
	askWith(
		adapter: Adapter | null,
		prompt: Prompt,
		options: GenerateOptions,
	): Promise<Generation | undefined>;
	/** The same, token by token; the loop waits for its end. */
	streamWith(
		adapter: Adapter | null,
		prompt: Prompt,
		options: GenerateOptions,
	): AsyncGenerator<TokenPiece, Generation>;
	/** Scores rows of tokens with other weights; rejects with `not-available` if the engine shows no logits. */
	scoreTokensWith(
		adapter: Adapter | null,
		rows: readonly TokenRow[],
		options?: { readonly likeliest?: number; readonly signal?: AbortSignal },
	): Promise<readonly TokenScores[]>;
}

/** Shares an engine; the caller that opened it closes it. */
export function shareEngine(engine: PolicyEngine): SharedEngine {
	const exclusive = createMutex();
	/** The loop's weights. */
	let wanted: Adapter | null = null;
	/** Adapter that the engine holds; undefined if a failed change left it unknown. */
	let held: Adapter | null | undefined = undefined;

	const hold = async (adapter: Adapter | null): Promise<void> => {
		if (held === adapter) return;
		held = undefined;
		await engine.setAdapter(adapter);
		held = adapter;
	};
	const asPolicy = <T>(work: () => Promise<T>): Promise<T> =>
		exclusive(async () => {
			await hold(wanted);
			return work();
		});

	/** `adapter` is read once the mutex is held: the loop's may have changed by then. */
	async function* streamAs(
		adapter: () => Adapter | null,
		prompt: Prompt,
		options: GenerateOptions,
	): AsyncGenerator<TokenPiece, Generation> {
		let release = (): void => undefined;
		const ended = new Promise<void>((resolve) => (release = resolve));
		await new Promise<void>((begun, refused) => {
			exclusive(async () => {
				await hold(adapter());
				begun();
				await ended;
			}).catch(refused);
		});
		try {
			return yield* engine.stream(prompt, options);
		} finally {
			release();
		}
	}

	return {
		name: engine.name,
		description: engine.description,
		takesBudget: engine.takesBudget ?? false,
		generate: (prompts, options) => asPolicy(() => engine.generate(prompts, options)),
		stream: (prompt, options) => streamAs(() => wanted, prompt, options),
		score: (pairs, options) => asPolicy(() => engine.score(pairs, options)),
		setAdapter: (adapter) =>
			exclusive(async () => {
				wanted = adapter;
				await hold(adapter);
			}),
		dispose: () => engine.dispose(),
		frozen: {
			name: `${engine.name}, base`,
			description: `${engine.description}, base model`,
			takesBudget: engine.takesBudget ?? false,
			generate: (prompts, options) =>
				exclusive(async () => {
					await hold(null);
					return engine.generate(prompts, options);
				}),
			stream: (prompt, options) => streamAs(() => null, prompt, options),
			// It is the policy's engine, and closed with it.
			dispose: () => Promise.resolve(),
		},
		askWith: (adapter, prompt, options) =>
			exclusive(async () => {
				await hold(adapter);
				const [generation] = await engine.generate([prompt], options);
				return generation;
			}),
		streamWith: (adapter, prompt, options) => streamAs(() => adapter, prompt, options),
		scoreTokensWith: (adapter, rows, options) =>
			exclusive(async () => {
				await hold(adapter);
				if (!engine.scoreTokens)
					throw new BackendError(
						'not-available',
						`${engine.description} does not show its logits; choose a model that runs here.`,
					);
				return engine.scoreTokens(rows, options);
			}),
	};
}
