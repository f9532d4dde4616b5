/**
 * @file Codec of the loop state: plain data in the record, weights in content-addressed files.
 *
 * The record names files as `file:<name>`; the store keeps a file as long as some run names it.
 */
import { inTurn } from '#base/concurrency/in-turn.ts';
import type { Policy } from '#loop/policy/policy.ts';
import type { Experience, LoopState } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import type { Tensor, TensorMap } from '#model/tensor.ts';
import { fileOfReference, fileReference } from '#storage/runs/references.ts';
import { sha256 } from '#storage/files/sha256.ts';
import { StoreError, type Files } from '#storage/runs/store.ts';
import type { TrainerState } from '#training/trainer.ts';
import type { SavedPolicy, SavedState } from './saved-state.ts';

/** Writes the weights of a state and returns it as plain data; weights that are as in `before` are not written again. */
export async function saveState(
	state: LoopState,
	files: Files,
	before?: SavedState,
): Promise<SavedState> {
	return {
		t: state.t,
		phase: state.phase,
		objective: state.objective,
		experience: state.experience.map((e) => e.id),
		policy: await savePolicy(state.policy, files, before),
		...(state.incumbent.id !== state.policy.id && {
			incumbent: await savePolicy(state.incumbent, files, before),
		}),
		...(state.accepted && { accepted: state.accepted }),
	};
}

/**
 * The state that was saved, exactly; `experience` finds this round's experience by id, `base` names the base model of
 * states that were saved before they named it.
 */
export async function loadState(
	saved: SavedState,
	files: Files,
	experience: (id: string) => Experience | undefined,
	base: string,
): Promise<LoopState> {
	const policy = await loadPolicy(saved.policy, files, base);
	return {
		t: saved.t,
		phase: saved.phase,
		objective: saved.objective,
		experience: saved.experience.flatMap((id) => experience(id) ?? []),
		policy,
		incumbent: saved.incumbent ? await loadPolicy(saved.incumbent, files, base) : policy,
		accepted: saved.accepted ?? null,
	};
}

async function savePolicy(
	policy: Policy,
	files: Files,
	before: SavedState | undefined,
): Promise<SavedPolicy> {
	// The id changes with the weights; the step count distinguishes states of one trainer.
	const known = [before?.policy, before?.incumbent].find(
		(one) => one?.id === policy.id && one.trainer?.steps === policy.trainer?.steps,
	);
	if (known) return known;
	const { adapter, trainer, base, memory, parents, trained, modules } = policy;
	return {
		id: policy.id,
		base,
		memory,
		parents,
		adapter: adapter && (await saveAdapter(adapter, files)),
		trainer: trainer && {
			parameters: trainer.parameters,
			steps: trainer.steps,
			file: await writeTensors(trainer.tensors, files),
		},
		...(trained && { trained: await inTurn(trained, (one) => saveAdapter(one, files)) }),
		...(modules && {
			modules: await inTurn(modules, async ({ difficulty, adapter: own }) => ({
				difficulty,
				adapter: await saveAdapter(own, files),
			})),
		}),
	};
}

const saveAdapter = async (
	{ parameters, tensors }: Adapter,
	files: Files,
): Promise<NonNullable<SavedPolicy['adapter']>> => ({
	parameters,
	file: await writeTensors(tensors, files),
});

const openAdapter = async (
	{ parameters, file }: NonNullable<SavedPolicy['adapter']>,
	files: Files,
): Promise<Adapter> => ({ parameters, tensors: await readTensors(file, files) });

async function loadPolicy(saved: SavedPolicy, files: Files, base: string): Promise<Policy> {
	return {
		id: saved.id,
		base: saved.base === '' ? base : saved.base,
		memory: saved.memory,
		parents: saved.parents,
		adapter: await loadAdapter(saved, files),
		trainer: saved.trainer && (await loadTrainer(saved.trainer, files)),
		...(saved.trained && {
			trained: await inTurn(saved.trained, (one) => openAdapter(one, files)),
		}),
		...(saved.modules && {
			modules: await inTurn(saved.modules, async ({ difficulty, adapter }) => ({
				difficulty,
				adapter: await openAdapter(adapter, files),
			})),
		}),
	};
}

/** Only what answers: enough to ask the policy something. */
export const loadAdapter = async (saved: SavedPolicy, files: Files): Promise<Adapter | null> =>
	saved.adapter && openAdapter(saved.adapter, files);

const loadTrainer = async (
	saved: NonNullable<SavedPolicy['trainer']>,
	files: Files,
): Promise<TrainerState> => ({
	parameters: saved.parameters,
	steps: saved.steps,
	tensors: await readTensors(saved.file, files),
});

async function writeTensors(tensors: TensorMap, files: Files): Promise<string> {
	const bytes = writeSafetensors(tensors, { metadata: { format: 'pt', order: orderOf(tensors) } });
	const name = `weights/${await sha256(bytes)}.safetensors`;
	await files.write(name, bytes);
	return fileReference(name);
}

async function readTensors(reference: string, files: Files): Promise<TensorMap> {
	const name = fileOfReference(reference) ?? reference;
	const bytes = await files.read(name);
	if (!bytes)
		throw new StoreError(
			'corrupt',
			`The weights ${name} are missing from the store; delete this run or import it again.`,
		);
	return readOrdered(bytes, name);
}

/** Value of the metadata `order`: the format sorts by name, but sums over parameters (the gradient's norm) must keep their order. */
export const orderOf = (tensors: TensorMap): string => JSON.stringify([...tensors.keys()]);

/** Tensors of a file, in the order that its metadata names; `name` is the file's in messages. */
export function readOrdered(bytes: Uint8Array, name: string): TensorMap {
	const { tensors, metadata } = readSafetensors(bytes, name);
	const order: unknown = JSON.parse(metadata.get('order') ?? '[]');
	const names = Array.isArray(order) ? order.filter((n) => typeof n === 'string') : [];
	const ordered = names.flatMap((n): [string, Tensor][] => {
		const tensor = tensors.get(n);
		return tensor ? [[n, tensor]] : [];
	});
	return new Map([...ordered, ...tensors]);
}
