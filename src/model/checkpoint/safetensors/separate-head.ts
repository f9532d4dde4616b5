/** @file Head of a checkpoint whose `config.json` says that it is the embedding table: the tensors of the file decide. */
import type { ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import { bytesOf } from '../gguf/tensor-types.ts';
import type { PlacedWeight } from '../row-reader.ts';

const [head, table] = ['lm_head.weight', 'model.embed_tokens.weight'];
const piece = 4 << 20;

/**
 * The spec with a head of its own if the file has one that differs from the embedding table, as transformers does. Savers
 * of tied models may write the table twice; that is no other head.
 */
export async function withHeadOf(
	spec: ModelSpec,
	tensors: { get(name: string): PlacedWeight | undefined },
	signal?: AbortSignal,
): Promise<ModelSpec> {
	const [own, tied] = [tensors.get(head), tensors.get(table)];
	if (!spec.tiedEmbeddings || !own || !tied) return spec;
	return (await isSame(own, tied, signal)) ? spec : { ...spec, tiedEmbeddings: false };
}

async function isSame(
	a: PlacedWeight,
	b: PlacedWeight,
	signal: AbortSignal | undefined,
): Promise<boolean> {
	if (a.form !== b.form || a.shape.join() !== b.shape.join()) return false;
	const bytes = bytesOf(a.form, sizeOf(a.shape));
	for (let at = 0; at < bytes; at += piece) {
		const to = Math.min(bytes, at + piece);
		const left = await a.source.read(a.from + at, a.from + to, signal);
		const right = await b.source.read(b.from + at, b.from + to, signal);
		if (left.some((byte, i) => byte !== right[i])) return false;
	}
	return true;
}
