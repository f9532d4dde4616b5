/** @file Recorded selections of the lesson on looking: one text, several questions, and what was kept before each answer. */
import { list, number, object, read, text, whole } from '#base/schema.ts';
import type { Looked } from '../../looking/looking.ts';

/** What was kept of the text for one question, and what was answered. */
const questionSchema = object({
	question: text,
	/** Texts of the tokens of the whole prompt, the question among them. */
	pieces: list(text),
	/** For each layer and head a bit for each token, lowest bit first, in base 64. */
	kept: list(list(text)),
	/** Place of the words that answer it: first token, and the one after the last. */
	from: whole,
	to: whole,
	/** Answer with the whole cache, and with the part. */
	whole: text,
	part: text,
});

const schema = object({
	model: text,
	share: number,
	source: text,
	questions: list(questionSchema),
});

export interface RecordedQuestion {
	readonly question: string;
	readonly looked: Looked;
	readonly from: number;
	readonly to: number;
	readonly whole: string;
	readonly part: string;
}

export interface RecordedLooking {
	readonly model: string;
	readonly share: number;
	/** Where the text is from. */
	readonly source: string;
	readonly questions: readonly RecordedQuestion[];
}

/** Bits of the places in a set, in base 64. */
export function packed(places: ArrayLike<number>, length: number): string {
	const bytes = new Uint8Array(Math.ceil(length / 8));
	for (let i = 0; i < places.length; i++) {
		const t = places[i] ?? 0;
		bytes[t >> 3] = (bytes[t >> 3] ?? 0) | (1 << (t & 7));
	}
	return btoa(String.fromCharCode(...bytes));
}

/** The places whose bit is set, ascending. */
export function unpacked(bits: string, length: number): Int32Array {
	const bytes = Uint8Array.from(atob(bits), (character) => character.charCodeAt(0));
	const places = Array.from({ length }, (_, t) => t);
	return Int32Array.from(places.filter((t) => (((bytes[t >> 3] ?? 0) >> (t & 7)) & 1) === 1));
}

/** Reads a recording; throws a RangeError that names what is wrong. */
export function readLooking(value: unknown): RecordedLooking {
	const { questions, ...about } = read(schema, value, 'it', (flaw) => new RangeError(flaw));
	return {
		...about,
		questions: questions.map(({ pieces, kept, ...rest }) => ({
			...rest,
			looked: {
				pieces,
				kept: kept.map((heads) => heads.map((bits) => unpacked(bits, pieces.length))),
			},
		})),
	};
}

export async function fetchLooking(): Promise<RecordedLooking> {
	const response = await fetch(new URL('recordings/looking.json', document.baseURI).href);
	if (!response.ok) throw new Error(`${response.status}`);
	return readLooking(await response.json());
}

/**
 * Mean share of the heads that keep the tokens `from` … `to` of a prompt. The text stands before the question in every
 * prompt, so that a place is the same one under each question.
 */
export function shareKept({ kept }: Looked, from: number, to: number): number {
	const sets = kept.flat();
	const inside = sets.map((set) => {
		let n = 0;
		for (let i = 0; i < set.length; i++) {
			const t = set[i] ?? -1;
			if (t >= from && t < to) n++;
		}
		return n / (to - from);
	});
	return inside.reduce((sum, share) => sum + share, 0) / sets.length;
}

/** Options of the lesson's question: what decides what is kept. */
export const outcomes = ['question', 'place', 'text'] as const;

/** How much more an answer's words are kept under their own question than under others: from there on the question decides. */
const least = 0.1;

/** Index of the option that came out: the question decides if every answer is kept clearly more under its own question. */
export function outcomeOf({ questions }: RecordedLooking): number {
	const decides = questions.every(({ looked, from, to }, own) =>
		questions.every(
			(other, i) =>
				i === own || shareKept(looked, from, to) - shareKept(other.looked, from, to) >= least,
		),
	);
	return outcomes.indexOf(decides ? 'question' : 'text');
}
