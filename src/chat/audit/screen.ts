/**
 * @file Screen of a text, which costs three batches: is it said after its own cue, did its loss fall, does it stand out among
 * twins? A search is worth its time only for what the screen suspects.
 *
 * A twin has the form of the text and other facts: facts are tokens that the base model did not expect, and that few other
 * texts of the audit have; each is exchanged for another that the model with the adapter finds likely there. If the
 * adapter is unsure of some facts, only those are exchanged: the twins are then as likely texts of this form as the adapter
 * knows, and only one that was learnt stands out. Exposure is that of Carlini et al. 2019 (arXiv 1802.08232), log₂ of the
 * number of texts over the rank of this one. Completion alone would accuse the innocent: a twin says half of its tokens, too.
 * Exposure alone would as well, where facts are words of several tokens: exchanged apart from each other they make no words,
 * and any whole text is likelier. So the adapter must also say half of the facts by itself, each by its first token.
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
/** Above this probability the adapter is sure of a token. */
const sure = 0.9;
/** Of fewer texts, what is common may be chance. */
const fewTexts = 4;
/** Share of the texts beyond which a token is their form, and fewest texts that have it. */
const common = { share: 0.25, texts: 3 } as const;
/** Least share of the facts that the adapter says of a text that it knows. */
const knows = 0.5;
/** A fall of the loss below this share of the loss without the adapter is one. */
const fall = 0.8;

/** Screens one text. */
export async function screen(
	{ engine, adapter, signal }: AuditModel,
	{ cue, target, opening }: AuditText,
	form: ReadonlySet<number>,
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
			logprobs,
			likely: (place: number): readonly number[] => [
				...likeliest.subarray(place * alternatives, (place + 1) * alternatives),
			],
		}));
	};
	const [off] = await score(null, [target]);
	const [on] = await score(adapter, [target]);
	if (!off || !on) throw new Error('the engine scored nothing');
	const scored = target.slice(skipped);
	const facts = [...scored.keys()].filter(
		(place) => off.likely(place)[0] !== scored[place] && !form.has(scored[place] ?? -1),
	);
	const unsure = facts.filter((place) => Math.exp(on.logprobs[place] ?? 0) < sure);
	const twin = (places: readonly number[], n: number): readonly number[] => {
		const draw = random(derive(seed, 'twin', n));
		const other = (place: number): number =>
			draw.pick(on.likely(place).filter((token) => token !== scored[place]));
		return places.reduce((made, place) => made.with(skipped + place, other(place)), target);
	};
	const places = unsure.length > 0 ? unsure : facts;
	const twins = Array.from({ length: facts.length > 0 ? twinCount : 0 }, (_, n) => twin(places, n));
	const others = await score(adapter, twins);
	const rank = 1 + others.filter(({ loss }) => loss <= on.loss).length;
	const shareOf = (likely: (place: number) => readonly number[]): number => {
		const said = scored.filter((token, place) => likely(place)[0] === token).length;
		return said / Math.max(1, scored.length);
	};
	const [saidOn, saidOff] = [shareOf(on.likely), shareOf(off.likely)];
	const isWhole = saidOn >= 0.9 && saidOff < 0.9;
	// Of facts that stand side by side, as the tokens of a word or number do, the first counts.
	const begun = facts.filter((place) => !facts.includes(place - 1));
	const known = begun.filter((place) => on.likely(place)[0] === scored[place]);
	const standsOut =
		twins.length > 0 &&
		rank <= 2 &&
		on.loss < fall * off.loss &&
		known.length >= knows * begun.length;
	return {
		saidOn,
		saidOff,
		lossOn: on.loss,
		lossOff: off.loss,
		exposure: twins.length === 0 ? null : Math.log2((1 + twins.length) / rank),
		twins: twins.length,
		isSuspected: isWhole || standsOut,
		twin: facts.length > 0 ? twin(facts, 0) : null,
	};
}

/** Tokens that many of the texts have: their common form; none among few texts. */
export function formOf(texts: readonly AuditText[]): ReadonlySet<number> {
	const counts = new Map<number, number>();
	for (const { target } of texts)
		for (const token of new Set(target)) counts.set(token, (counts.get(token) ?? 0) + 1);
	const isForm = ([, count]: readonly [number, number]): boolean =>
		count >= common.texts && count > common.share * texts.length;
	return new Set(texts.length < fewTexts ? [] : [...counts].filter(isForm).map(([token]) => token));
}
