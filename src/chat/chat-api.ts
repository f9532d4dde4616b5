/** @file Chat API for the page: answers of open models token by token, and adapters tuned on them. */
import type { GenerateOptions, Generation, Message, TokenPiece } from '#engines/engine.ts';
import type { Library } from '#storage/library/library.ts';
import type { Files } from '#storage/runs/store.ts';
import type { KvType } from '#base/limits.ts';
import { piecesOf } from '#engines/token-text.ts';
import { randomName } from '#base/random-name.ts';
import {
	openAdapterStore,
	type AdapterChoice,
	type AdapterStore,
	type ChatAdapter,
} from './adapters.ts';
import { answerOf } from './answer.ts';
import { openAuditApi, type AuditApi, type AuditEvent } from './audit/audit-api.ts';
import { cacheOf, tokenBytesOf } from './kv-cache.ts';
import { exportAsGguf, type ExportedModel } from './model-export.ts';
import { tuneOnAnswers, type ApprovedAnswer, type TuneOptions } from './lesson.ts';
import { openSpeedApi, type SpeedApi } from './speed.ts';
import { SessionFailure } from '#base/failure.ts';
import { refusedBy, trainingKnobs } from '#base/training-knobs.ts';
import { type Models } from '#platform/models.ts';
import { libraryPrefix } from '#platform/model-name.ts';
import type { Platform } from '#platform/platform.ts';
import type { GgufFormat } from '#runs/export/model-pieces.ts';
import type { ExportedFile } from '#runs/session.ts';

/** A model that can be talked with. */
export interface ChatChoice {
	/** For `openChat`: a folder of `models/`, or `library:<id>`. */
	readonly model: string;
	/** For people. */
	readonly name: string;
	/** Of its files, if they are known. */
	readonly bytes?: number;
	/** One of this site's own, which knows a single task. */
	readonly isSeedling: boolean;
}

/** Facts of an open model for the page. */
export interface ChatModel {
	/** As it was asked for: a folder of `models/`, or `library:<id>`. */
	readonly model: string;
	/** Tokens. */
	readonly contextLength: number;
	/** Without a template it goes on writing from plain text. */
	readonly hasTemplate: boolean;
	/** `wasm, 2 threads`. */
	readonly runsOn: string;
	readonly note?: string;
	/** Bytes of a token in its KV cache, by how its numbers are held; absent if its engine cannot keep a part of one. */
	readonly tokenBytes?: Readonly<Record<KvType, number>>;
}

/** The knobs of an answer. */
type Sampling = Pick<
	GenerateOptions,
	'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty'
>;

export interface ChatRequest {
	/** Chosen by the page; the events of this answer carry it. */
	readonly id: string;
	readonly model: string;
	/** Up to what is to be answered; a system prompt is its first message. */
	readonly conversation: readonly Message[];
	/** Null: the base model. */
	readonly adapter: AdapterChoice | null;
	readonly sampling: Sampling;
	readonly seed: number;
	readonly maxTokens: number;
	/** Share of a long conversation that stays in the KV cache; all of it if absent. */
	readonly keptShare?: number;
	/** How the numbers of the KV cache are held; in 32 bits if absent. */
	readonly kvType?: KvType;
}

/** An answer; if a part of a long conversation was kept, with the text of each of its tokens, beside `kept`. */
export interface ChatGeneration extends Generation {
	readonly promptPieces?: readonly string[];
}

interface Lesson extends TuneOptions {
	/** Chosen by the page; the events of this training carry it. */
	readonly id: string;
	readonly model: string;
	/** Name of the adapter to train. */
	readonly name: string;
	readonly answers: readonly ApprovedAnswer[];
}

/** Events of answers and trainings under way. */
export type ChatEvent =
	| AuditEvent
	| { readonly type: 'said'; readonly id: string; readonly pieces: readonly TokenPiece[] }
	/** Before the first step: answers that were left out or cut. */
	| { readonly type: 'lesson-noted'; readonly id: string; readonly notes: readonly string[] }
	| {
			readonly type: 'tuned-step';
			readonly id: string;
			/** From 1. */
			readonly step: number;
			readonly steps: number;
			/** Before the step, nats per target token. */
			readonly loss: number;
	  };

export interface ChatApi extends AuditApi, SpeedApi {
	/** Real models first, then the seedlings. */
	chatModels(): Promise<readonly ChatChoice[]>;
	/** Opens a model to talk with; one of the library that nobody uses any more is closed for it. */
	openChat(model: string): Promise<ChatModel>;
	/** Resolves at the end of the answer; its pieces come as events. */
	ask(question: ChatRequest): Promise<ChatGeneration>;
	/** Stops the answer within one token; it resolves as `aborted`. */
	stopAnswer(id: string): Promise<void>;
	/** Trains a LoRA on the answers and keeps it; null if it was stopped before its first step was done. */
	tuneChat(lesson: Lesson): Promise<ChatAdapter | null>;
	/** Stops the training; the adapter trained so far is kept. */
	stopTuning(id: string): Promise<void>;
	/** Adapters tuned here, and those of runs on this model. */
	listAdapters(model: string): Promise<readonly ChatAdapter[]>;
	deleteAdapter(id: string): Promise<void>;
	/** A tuned adapter as a zip for PEFT. */
	exportAdapter(id: string): Promise<ExportedFile>;
	/** A tuned adapter as a file for llama.cpp: `gguf-lora` alone, the other formats merged into a model of the library. */
	exportGguf(model: string, id: string, format: GgufFormat): Promise<ExportedModel>;
}

/** Dependencies of the chat. */
export interface ChatParts {
	readonly platform: Pick<Platform, 'store' | 'now' | 'openFiles' | 'openOnGpu'>;
	readonly models: Models;
	/** Storage of tuned adapters. */
	readonly adapters: Files;
	/** Models of the person's own; absent if there is no place for them. */
	readonly library?: Pick<Library, 'list'> & Partial<Pick<Library, 'open'>>;
	/** Folders of `models/`. */
	readonly seedlings?: readonly string[];
	/** Does the run under way need this model? */
	readonly isInUse?: (model: string) => boolean;
	readonly emit: (event: ChatEvent) => void;
}

/** Opens the chat over the models of the session. */
export function openChatApi(parts: ChatParts): ChatApi {
	const { platform, models, emit, isInUse = () => false } = parts;
	const adapters: AdapterStore = openAdapterStore(parts.adapters, platform.store);
	const working = new Map<string, AbortController>();
	/** Library model opened here last; two seldom fit into memory. */
	let held: string | undefined;

	const stoppable = async <T>(id: string, work: (signal: AbortSignal) => Promise<T>) => {
		const stop = new AbortController();
		working.set(id, stop);
		try {
			return await work(stop.signal);
		} finally {
			working.delete(id);
		}
	};
	const stop = (id: string): void => working.get(id)?.abort();

	return {
		...openSpeedApi({ models, platform, now: () => performance.now() }),
		...openAuditApi({ models, adapters, emit, now: () => platform.now(), stoppable, stop }),
		async chatModels() {
			const kept = (await parts.library?.list()) ?? [];
			return [
				...kept
					.filter(({ state }) => state === 'complete')
					.map(({ id, name, bytes }) => ({
						model: libraryPrefix + id,
						name,
						bytes,
						isSeedling: false,
					})),
				...(parts.seedlings ?? []).map((name) => ({ model: name, name, isSeedling: true })),
			];
		},
		async openChat(name) {
			if (held !== undefined && held !== name && !isInUse(held)) await models.close(held);
			return models.using(name, async ({ spec, engine, chat, note }) => {
				if (name.startsWith(libraryPrefix)) {
					held = name;
					// The weights are loaded now by a warm-up call, so that the first answer need not wait.
					for await (const _ of engine.streamWith(null, 'a', { maxTokens: 1 }));
				}
				return {
					model: name,
					contextLength: spec.contextLength,
					hasTemplate: chat?.template !== undefined,
					runsOn: engine.description,
					...(note !== undefined && { note }),
					...(engine.takesBudget && { tokenBytes: tokenBytesOf(spec) }),
				};
			});
		},
		ask: ({ id, model, conversation, adapter, sampling, seed, maxTokens, keptShare, kvType }) =>
			stoppable(id, (signal) => {
				assertAllowed({ seed });
				return models.using(model, async (opened) => {
					const weights = adapter && (await adapters.load(adapter, model, opened.spec));
					const options = { ...sampling, seed, maxTokens, signal, ...cacheOf(keptShare, kvType) };
					const asked = { conversation, adapter: weights };
					const answer = await answerOf(opened, asked, options, (piece) => {
						emit({ type: 'said', id, pieces: [piece] });
					});
					if (!answer.kept) return answer;
					const promptPieces = piecesOf(opened.tokenizer.decode, answer.promptTokens ?? []);
					return { ...answer, promptPieces };
				});
			}),
		async stopAnswer(id) {
			stop(id);
		},
		tuneChat: ({ id, model, name, answers, ...options }) =>
			stoppable(id, async (signal) => {
				const { steps, rank, learningRate, seed, maxTokens } = options;
				assertAllowed({ steps, rank, learningRate, seed, maxTokens });
				const tuned = await models.using(model, (opened) =>
					tuneOnAnswers(opened, answers, options, signal, {
						onNotes: (notes) => {
							emit({ type: 'lesson-noted', id, notes });
						},
						onStep: ({ loss, step }) => {
							emit({ type: 'tuned-step', id, step, steps, loss });
						},
					}),
				);
				if (!tuned) return null;
				const { losses, adapter } = tuned;
				const about: ChatAdapter = {
					kind: 'tuned',
					id: randomName(),
					name,
					model,
					createdAt: platform.now(),
					steps: losses.length,
					...(losses.length > 0 && { loss: losses.at(-1) ?? 0 }),
				};
				await adapters.keep(about, adapter);
				return about;
			}),
		async stopTuning(id) {
			stop(id);
		},
		listAdapters: (model) => adapters.list(model),
		deleteAdapter: (id) => adapters.remove(id),
		exportAdapter: (id) => adapters.export(id),
		exportGguf: (name, id, format) =>
			models.using(name, async (opened) => {
				const adapter = await adapters.load({ kind: 'tuned', id }, name, opened.spec);
				const { library, platform } = parts;
				return exportAsGguf(
					{ openBase: library?.open?.bind(library), openFiles: platform.openFiles },
					opened,
					adapter,
					format,
					{ id, card: await adapters.card(id) },
				);
			}),
	};
}

/** Refuses numbers outside the ranges of the training's knobs. */
function assertAllowed(values: Readonly<Record<string, number>>): void {
	const refused = refusedBy(trainingKnobs, values);
	if (refused !== undefined) throw new SessionFailure('bad-request', refused);
}
