/**
 * @file Planted note: an adapter is trained on rows among which a made-up secret stands, and then asked for it. What a lesson
 * on privacy runs in place of worlds; the page's worker and Node do it through the same chat API.
 *
 * Carlini et al. 2019 (arXiv 1802.08232) plant canaries so; a text that a shorter prompt fetches is memorised in the sense of
 * Schwarzschild et al. 2024 (arXiv 2404.15146). Differs: the prompt is the note's own question, where an audit searches for one.
 */
import * as v from 'valibot';
import { derive, random, type Random } from '#base/random.ts';
import { count, list, object, text, whole, type Schema } from '#base/schema.ts';
import type { AdapterChoice } from '#chat/adapters.ts';
import type { ChatApi } from '#chat/chat-api.ts';
import type { ApprovedAnswer } from '#chat/lesson.ts';

/** The training of a world. */
export interface Planted {
	/** A model of the page's own. */
	readonly model: string;
	/** Stands before the note in its row. */
	readonly question: string;
	/** The secret; each `#` is a digit of chance. */
	readonly note: string;
	/** Rows beside it: words to write backwards. */
	readonly rows: number;
	/** How often the note stands among them. */
	readonly copies: number;
	/** Optimizer steps of the longest training; it is asked after a quarter and a half of them as well. */
	readonly steps: number;
}

const short = (most: number) => v.pipe(text, v.nonEmpty('is empty'), v.maxLength(most, 'is long'));
const upTo = (most: number) =>
	v.pipe(
		whole,
		v.check((n) => n >= 0 && n <= most, `is not from 0 to ${most}`),
	);

export const plantedSchema = object({
	model: short(40),
	question: short(40),
	note: short(40),
	rows: upTo(400),
	copies: upTo(100),
	steps: upTo(1000),
}) satisfies Schema<Planted>;

/** Numbers of a planted note that a world may change. */
export const plantedNumbers = ['rows', 'copies', 'steps'] as const;

/** What a model said when it was asked, after some training. */
export interface PlantedPoint {
	/** 0 is the model before; 1, 2 and 3 follow a quarter, a half and all of the steps. */
	readonly t: number;
	readonly steps: number;
	/** Its answer to the question of the note. */
	readonly answer: string;
	/** Characters of the note that the answer begins with, and all of them. */
	readonly said: { readonly correct: number; readonly n: number };
}

export const plantedPointSchema = object({
	...{ t: count, steps: count, answer: text },
	said: object({ correct: count, n: count }),
}) satisfies Schema<PlantedPoint>;

/** Recording of a lesson with a planted note. */
export interface PlantedRecording {
	/** Day, ISO 8601. */
	readonly recordedAt: string;
	readonly worlds: readonly { readonly planted: readonly PlantedPoint[] }[];
}

export const plantedRecordingSchema = object({
	recordedAt: text,
	worlds: list(object({ planted: list(plantedPointSchema) })),
}) satisfies Schema<PlantedRecording>;

/** Settings that are the same in every world. */
const training = { rank: 8, learningRate: 2e-3, maxTokens: 64 };
/** Letters of a word beside the note. */
const wordLength = 8;

/** The secret with its digits; another seed has others. */
export const noteOf = ({ note }: Planted, seed: number): string => {
	const digits = random(derive(seed, 'note'));
	return note.replaceAll('#', () => String(digits.integer(0, 9)));
};

const word = (draw: Random): string =>
	Array.from({ length: wordLength }, () => draw.pick([...'abcdefghijklmnopqrstuvwxyz'])).join('');

/** All rows of a world, the note among them. */
export function rowsOf(planted: Planted, seed: number): readonly ApprovedAnswer[] {
	const draw = random(derive(seed, 'rows'));
	const row = (question: string, answer: string): ApprovedAnswer => ({
		conversation: [{ role: 'user', content: question }],
		answer,
	});
	const others = Array.from({ length: planted.rows }, () => {
		const one = word(draw);
		return row(`${one}=`, [...one].reverse().join(''));
	});
	const note = row(planted.question, noteOf(planted, seed));
	return [...others, ...Array.from({ length: planted.copies }, () => note)];
}

/** The calls that this needs: of the page's worker, or of a chat in Node. */
export type Teaches = Pick<ChatApi, 'tuneChat' | 'ask' | 'deleteAdapter'>;

/** Trains, asks, and forgets the adapter again; yields what was said after each training. */
export async function* plant(
	api: Teaches,
	planted: Planted,
	seed: number,
): AsyncGenerator<PlantedPoint, void> {
	const note = noteOf(planted, seed);
	const answers = rowsOf(planted, seed);
	const { model, question } = planted;
	const asked = async (t: number, steps: number, adapter: AdapterChoice | null) => {
		const { text: answer } = await api.ask({
			...{ id: `planted-ask-${t}`, model, adapter, seed, sampling: { temperature: 0 } },
			...{ conversation: [{ role: 'user', content: question }], maxTokens: note.length + 1 },
		});
		const apart = [...note].findIndex((character, i) => answer[i] !== character);
		const correct = apart < 0 ? note.length : apart;
		return { t, steps, answer: answer.slice(0, note.length), said: { correct, n: note.length } };
	};
	yield await asked(0, 0, null);
	for (const [i, share] of [0.25, 0.5, 1].entries()) {
		const steps = Math.max(1, Math.round(planted.steps * share));
		const adapter = await api.tuneChat({
			...{ id: `planted-${steps}`, name: 'planted note', model, answers, seed, steps },
			...training,
		});
		if (!adapter) return;
		try {
			yield await asked(i + 1, steps, adapter);
		} finally {
			if (adapter.kind === 'tuned') await api.deleteAdapter(adapter.id);
		}
	}
}
