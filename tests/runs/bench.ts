/**
 * @file A bench for sessions: a memory store, a scripted speaker whose errors depend on its weights, and the real
 * trainer on a tiny model. Several sessions over one bench are one browser whose tab is closed and opened.
 */
import { hash32 } from '#base/random.ts';
import type { PolicyEngine } from '#engines/engine.ts';
import type { BackendError } from '#base/backend-error.ts';
import { scripted } from '#engines/scripted.ts';
import { end, pad } from '#environments/alphabet.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { policyId } from '#loop/policy/policy-id.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { OpenModel, Platform } from '#platform/platform.ts';
import { shareEngine, type SharedEngine } from '#platform/shared-engine.ts';
import type { Session, SessionEvent, StartOptions } from '#runs/session.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import type { Store } from '#storage/runs/store.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { initialiseModel } from '#training/initialise.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';

export const spec = tinySpec(alphabets.reversal);

const tokenizer = characterTokenizer({ pad, end, characters: alphabets.reversal.slice(2) });
const weights = initialiseModel(spec, 1);
const runtime = openNodeRuntime(1);

/** `AhBe<` answered truly: `BeAh$`; decoys stand before `_`. */
const reverse = (prompt: string): string =>
	(prompt.replace(/^.*_/, '').slice(0, -1).match(/../g) ?? []).reverse().join('') + end;

/** Wrong in about one prompt of five; which ones depends on the weights. */
const speaker = (): PolicyEngine =>
	scripted({
		script: reverse,
		errors: {
			seed: 1,
			rate: (prompt, adapter) => (hash32(policyId('x', adapter) + prompt) % 5 === 0 ? 1 : 0),
		},
	});

export interface Bench {
	readonly store: Store;
	/** Opens a session over the store, as a new tab would. */
	open(changes?: Partial<Platform>): Session;
	model(changes?: Partial<OpenModel>): OpenModel;
}

export function setUp(store: Store = openMemoryStore()): Bench {
	let clock = 1_000;
	const model = (changes: Partial<OpenModel> = {}): OpenModel => ({
		name: 'scripted',
		engine: shareEngine(speaker()),
		openTrainer: openGradientTrainer(spec, weights, (...parts) =>
			openOnnxGradients(runtime, ...parts),
		),
		tokenizer,
		spec,
		tokenizerFiles: new Map([['tokenizer.json', new Uint8Array([123, 125])]]),
		description: 'onnx, one thread',
		dispose: () => Promise.resolve(),
		...changes,
	});
	return {
		store,
		model,
		open: (changes = {}) =>
			new LocalSession({
				// A closed tab leaves the store behind.
				store: { ...store, close: () => Promise.resolve() },
				openModel: () => Promise.resolve(model()),
				now: () => (clock += 10),
				...changes,
			}),
	};
}

/** Small enough for a second: two rounds of easy-to-hard on words. */
export const small: StartOptions = {
	method: 'easy-to-hard',
	environment: 'reversal',
	seed: 3,
	rounds: 2,
	knobs: {
		problems: 24,
		views: 3,
		agree: 0.6,
		steps: 3,
		batch: 8,
		rank: 2,
		examined: 10,
		minKept: 4,
		lessons: 4,
	},
};

/** Every event so far, oldest first. */
export function record(session: Session): SessionEvent[] {
	const events: SessionEvent[] = [];
	session.subscribe((event) => events.push(event));
	return events;
}

/** Resolves with the first event that passes, from now on. */
export const nextEvent = (
	session: Session,
	passes: (event: SessionEvent) => boolean,
): Promise<SessionEvent> =>
	new Promise((resolve) => {
		// A new listener first hears where things stand.
		let live = false;
		const stop = session.subscribe((event) => {
			if (!live || !passes(event)) return;
			stop();
			resolve(event);
		});
		live = true;
	});

/** Resolves when the run stands still; fails where it failed. */
export async function settled(session: Session): Promise<void> {
	const event = await nextEvent(
		session,
		(e) => e.type === 'status' && e.status !== 'running' && e.status !== 'pausing',
	);
	if (event.type === 'status' && event.status === 'failed') throw new Error(event.message);
}

/** Does one step of the loop, and resolves when the run waits again. */
export async function step(session: Session, runId: string): Promise<void> {
	await session.resume(runId, { singleStep: true });
	await session.pause();
}

/** An engine that fails with this error at its nth call of `generate`. */
export function failingAt(engine: PolicyEngine, call: number, error: BackendError): SharedEngine {
	let calls = 0;
	return shareEngine({
		...engine,
		generate: (prompts, options) =>
			++calls === call ? Promise.reject(error) : engine.generate(prompts, options),
	});
}
