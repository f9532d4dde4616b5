/**
 * @file Screen of a text, which costs two batches: is it said after its own cue, did its loss fall, does it stand out among
 * twins? A search is worth its time only for what the screen suspects.
 *
 * A twin has the form of the text and other facts: each token that the base model did not expect is exchanged for another
 * that it finds likely there. Exposure is that of Carlini et al. 2019 (arXiv 1802.08232), log₂ of the number of texts over
 * the rank of this one. Completion alone would accuse the innocent: a twin says half of its tokens, too.
 */
import { derive, random } from '#base/random.ts';
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
	const options = signal ? { signal } : {};
	const [off] = await engine.scoreTokensWith(null, [rowOf(target)], {
		...options,
		likeliest: alternatives,
	});
	if (!off) throw new Error('the engine scored nothing');
	const likely = (place: number): readonly number[] => [
		...off.likeliest.subarray(place * alternatives, (place + 1) * alternatives),
	];
	const twins = twinsOf(target, skipped, likely, seed);
	const rows = [target, ...twins].map(rowOf);
	const on = await engine.scoreTokensWith(adapter, rows, options);
	const losses = on.map(({ logprobs }) => meanLoss(logprobs));
	const [lossOn = Infinity, ...others] = losses;
	const lossOff = meanLoss(off.logprobs);
	const rank = 1 + others.filter((loss) => loss <= lossOn).length;
	const shareOf = (likeliest: (place: number) => number | undefined): number => {
		const scored = target.slice(skipped);
		const said = scored.filter((token, place) => likeliest(place) === token).length;
		return said / Math.max(1, scored.length);
	};
	const saidOn = shareOf((place) => on[0]?.likeliest[place]);
	const saidOff = shareOf((place) => likely(place)[0]);
	const isWhole = saidOn >= 0.9 && saidOff < 0.9;
	const standsOut = twins.length > 0 && rank === 1 && lossOn < fall * lossOff;
	return {
		saidOn,
		saidOff,
		lossOn,
		lossOff,
		exposure: twins.length === 0 ? null : Math.log2((1 + twins.length) / rank),
		twins: twins.length,
		isSuspected: isWhole || standsOut,
		twin: twins[0] ?? null,
	};
}

/** Texts of the same form and length with other facts; none if the base model expected every token. */
function twinsOf(
	target: readonly number[],
	skipped: number,
	likely: (place: number) => readonly number[],
	seed: number,
): readonly (readonly number[])[] {
	const others = target.map((token, i): readonly number[] => {
		const found = i < skipped ? [token] : likely(i - skipped);
		return found[0] === token ? [] : found.filter((other) => other !== token);
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
