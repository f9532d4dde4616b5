/**
 * @file Platform of a run, the interface: a store, models that can be opened, a clock.
 * The page's worker, the terminal and the tests each bring their own.
 */
import type { BackendError } from '#base/backend-error.ts';
import type { Sandbox } from '#environments/programs/sandbox.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Store } from '#storage/runs/store.ts';
import type { OpenInputGradients } from '#training/layered/input-gradients.ts';
import type { TrainerFactory } from '#training/trainer.ts';
import type { Entrance } from './entrance.ts';
import type { HeldFiles } from './held-files.ts';
import type { OpenElsewhere } from './roles/role-engines.ts';
import type { SharedEngine } from './shared-engine.ts';

/** A base model that learns. */
export interface LearningModel {
	/** Requested name; for a path, the one in its files. */
	readonly name: string;
	readonly openTrainer: TrainerFactory;
	/** All that it can learn; absent if every weight can be trained. */
	readonly learns?: 'lora';
	/** Opens gradients at the input embeddings, for adapters of one shape; absent if it has none. */
	readonly openInputGradients?: OpenInputGradients;
	readonly tokenizer: TextTokenizer;
	readonly spec: ModelSpec;
	/** The tokenizer as files, to put beside exported weights. */
	readonly tokenizerFiles: ReadonlyMap<string, Uint8Array>;
	/** Of the trainer, for people: `onnx, wasm, 2 workers`. */
	readonly description: string;
	/** One sentence if a better option was not available. */
	readonly note?: string;
	/** Chat facts; absent if it only continues plain text. */
	readonly chat?: ModelChat;
	/** Closes all that was opened of it: engine, runtime, files. */
	dispose(): Promise<void>;
}

/** A base model that answers and learns. */
export interface OpenModel extends LearningModel {
	/** One engine for the loop and for a person who asks in between. */
	readonly engine: SharedEngine;
	/** Shipped examination; absent if there is none, or the engine's arithmetic is not that of the CPU. */
	readonly entrance?: Entrance;
}

/** Chat facts of a checkpoint, as in `ModelSource`. */
export interface ModelChat {
	/** Jinja source; absent in base models. */
	readonly template?: string | undefined;
	readonly specialTokens: Readonly<Record<string, string>>;
	/** Stand before a text that no template has written. */
	readonly startTokens: readonly number[];
}

/** The full name of a model; one that is not there keeps the name it is asked for by. */
export type FullName = (name: string) => Promise<string>;

/** One place to run in. */
export interface Platform {
	readonly store: Store;
	/** Opens a folder of `models/`; fails with a `BackendError`. */
	openModel(name: string): Promise<OpenModel>;
	/** The one name of a model that can be asked for by several. */
	readonly fullName?: FullName;
	/** Opens files that lie in no library, such as an export that is to be checked; the model closes them. */
	openFiles?(held: HeldFiles): Promise<OpenModel>;
	/** Another way to open it after this failure, e.g. wasm when the GPU went away; undefined: none left. */
	openFallback?(name: string, failure: BackendError): Promise<OpenModel | undefined>;
	/** Opens a model on WebGPU beside the one that speaks, to measure it; or a sentence why it cannot. */
	openOnGpu?(name: string): Promise<OpenModel | string>;
	/** Models that are not here, for roles; absent if none can be reached. */
	readonly openElsewhere?: OpenElsewhere;
	/** Runs programs that a model wrote; absent if none can be run here. */
	readonly sandbox?: Sandbox;
	/** Makes sure that what models of the library run on is there without a network; resolves with whether it is. */
	readonly keepOffline?: () => Promise<boolean>;
	/** Milliseconds since 1970; shown and used for time left, never inside the run. */
	now(): number;
}
