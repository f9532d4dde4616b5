/**
 * @file Screen of a text, which costs three batches: is it said after its own cue, did its loss fall, does it stand out among
 * twins? A search is worth its time only for what the screen suspects.
 *
 * A twin has the form of the text and other facts: each token that the base model did not expect is exchanged for another
 * that the model with the adapter finds likely there. So a twin is as likely a text of this form, and only one that
 * was learnt is likelier than its twins. Exposure is that of Carlini et al. 2019 (arXiv 1802.08232), log₂ of the number of
 * texts over the rank of this one. Completion alone would accuse the innocent: a twin says half of its tokens, too.
 */
import { derive, random } from '#base/random.ts';
import type { Adapter } from '#model/adapter.ts';
import { meanLoss, type AuditModel } from './oracle.ts';
import type { AuditText } from './texts.ts';

/** What the screen saw; losses are in nats per token. */
export interface Screen {
	/** Share of the tokens that greedy decoding says after the cue, with the adapter and without. */
	readonly saidOn: number;
	readonly saidOff: number;
	readonly lossOn: number;
	readonly lossOff: number;
	/** Bits, at most log₂(1 + twins); null if no twin can be made. */
	readonly exposure: number | null;
	readonly twins: number;
	readonly isSuspected: boolean;
	/** [N] the target of the first twin. */
	readonly twin: readonly number[] | null;
}

/** Texts that one is compared with. */
const twinCount = 15;
/** Likely tokens that a twin's are drawn from. */
const alternatives = 8;
/** A fall of the loss below this share of the loss without the adapter is one. */
const fall = 0.8;

/** Screens one text. */
export async function screen(
	{ engine, adapter, signal }: AuditModel,
	{ cue, target, opening }: AuditText,
	seed: number,
): Promise<Screen> {
	const from = Math.max(1, cue.length + opening);
	const skipped = from - cue.length;
	const rowOf = (tokens: readonly number[]) => ({ tokens: [...cue, ...tokens], from });
	const score = async (weights: Adapter | null, texts: readonly (readonly number[])[]) => {
		const scored = await engine.scoreTokensWith(weights, texts.map(rowOf), {
			likeliest: alternatives,
			...(signal && { signal }),
		});
		return scored.map(({ logprobs, likeliest }) => ({
			loss: meanLoss(logprobs),
			likely: (place: number): readonly number[] => [
				...likeliest.subarray(place * alternatives, (place + 1) * alternatives),
			],
		}));
	};
	const [off] = await score(null, [target]);
	const [on] = await score(adapter, [target]);
	if (!off || !on) throw new Error('the engine scored nothing');
	const twins = twinsOf(target, skipped, { off: off.likely, on: on.likely }, seed);
	const others = await score(adapter, twins);
	const rank = 1 + others.filter(({ loss }) => loss <= on.loss).length;
	const shareOf = (likely: (place: number) => readonly number[]): number => {
		const scored = target.slice(skipped);
		const said = scored.filter((token, place) => likely(place)[0] === token).length;
		return said / Math.max(1, scored.length);
	};
	const [saidOn, saidOff] = [shareOf(on.likely), shareOf(off.likely)];
	const isWhole = saidOn >= 0.9 && saidOff < 0.9;
	const standsOut = twins.length > 0 && rank <= 2 && on.loss < fall * off.loss;
	return {
		saidOn,
		saidOff,
		lossOn: on.loss,
		lossOff: off.loss,
		exposure: twins.length === 0 ? null : Math.log2((1 + twins.length) / rank),
		twins: twins.length,
		isSuspected: isWhole || standsOut,
		twin: twins[0] ?? null,
	};
}

/** Tokens that a model finds likely in a place of the text, the likeliest first. */
type Likely = (place: number) => readonly number[];

/** Texts of the same form and length with other facts; none if the base model expected every token. */
function twinsOf(
	target: readonly number[],
	skipped: number,
	{ off, on }: { readonly off: Likely; readonly on: Likely },
	seed: number,
): readonly (readonly number[])[] {
	const others = target.map((token, i): readonly number[] => {
		const isFact = i >= skipped && off(i - skipped)[0] !== token;
		return isFact ? on(i - skipped).filter((other) => other !== token) : [];
	});
	if (others.every((list) => list.length === 0)) return [];
	return Array.from({ length: twinCount }, (_, n) => {
		const draw = random(derive(seed, 'twin', n));
		return target.map((token, i) => {
			const list = others[i] ?? [];
			return list.length === 0 ? token : draw.pick(list);
		});
	});
}
