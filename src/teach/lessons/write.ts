/**
 * @file Lessons that a model writes of running text (knowledge-based task evolution, survey 4.1; answer-aware question
 * generation and a round trip, Alberti et al. 2019, arXiv 1906.05416).
 *
 * The model names spans of a sentence, writes questions that they answer, and is asked each question twice: with the
 * sentence in view, and without. Only its own words are held to a form; all chance comes of the seed.
 */
import { derive } from '#base/random.ts';
import type { Check, DataRow } from '#dataset/row.ts';
import type { PolicyEngine, PolicyOptions, Prompt } from '#engines/engine.ts';
import type { ModelChat } from '#platform/platform.ts';
import { median } from '../statistics.ts';
import { isExact, rougeL } from '../rouge.ts';
import {
	answerPrompt,
	asksForNumber,
	factPrompt,
	promptWriter,
	questionForm,
	questionPrompt,
	questionWords,
	spanForm,
	type QuestionWord,
	type WritePrompt,
} from './forms.ts';
import {
	holdsWords,
	namesNumber,
	passagesOf,
	pronouns,
	wordsOf,
	type Passage,
} from './passages.ts';

/** What writes; an `OpenModel` is one. */
export interface WritingModel {
	readonly engine: Pick<PolicyEngine, 'generate' | 'score'>;
	readonly chat?: ModelChat;
}

export interface WriteLessonsOptions {
	readonly seed: number;
	/** Spans that are drawn of each sentence; those drawn twice are asked once. */
	readonly perSentence?: number;
	readonly signal: AbortSignal;
	readonly report?: (what: WritingStage, done: number, total: number) => void;
}

export type WritingStage = 'facts' | 'questions' | 'checks';

/** A question and its answer with the passage that they are made of, and what became of them. */
export interface WrittenLesson {
	readonly row: DataRow;
	/** As a person sees it. */
	readonly passage: string;
	readonly question: string;
	readonly answer: string;
	readonly check: Check;
	/** Absent if the model wrote it. */
	readonly by?: 'rule';
}

const questionTokens = 36;
const answerTokens = 16;
/** Mean log-probability of a question, nats a token: below it, the words hang together too loosely to be one. */
const leastFluent = -1.1;
/** Log-probability of an answer with its passage in view, nats: below it, the model does not find it there. */
const leastSure = -6;
/** Questions of a span that are weighed by how surely they lead back to it. */
const weighed = 3;
/** ROUGE-L from which two short answers are taken to be the same. */
const sameAnswer = 0.6;

/** Lessons of the text rows among these, in the order of the text; rejects with the signal's reason when aborted. */
export async function writeLessons(
	model: WritingModel,
	rows: readonly DataRow[],
	options: WriteLessonsOptions,
): Promise<readonly WrittenLesson[]> {
	const passages = passagesOf(rows);
	const writer = new Writer(model, options);
	const facts = await writer.facts(passages);
	const questions = await writer.questions(facts);
	return writer.check(facts, questions);
}

export interface Fact {
	readonly passage: Passage;
	readonly answer: string;
}

export interface Question extends Fact {
	readonly text: string;
	readonly begins: QuestionWord;
	/** Mean log-probability of its tokens, nats. */
	readonly fluency: number;
	/** Log-probability of the answer with the passage in view, nats; before it is known, 0. */
	readonly sureness: number;
}

class Writer {
	readonly #model: WritingModel;
	readonly #options: WriteLessonsOptions;
	readonly #write: WritePrompt;

	constructor(model: WritingModel, options: WriteLessonsOptions) {
		this.#model = model;
		this.#options = options;
		this.#write = promptWriter(model.chat);
	}

	/** Different spans of each passage, as the model draws them. */
	async facts(passages: readonly Passage[]): Promise<readonly Fact[]> {
		const { perSentence = 3 } = this.#options;
		const asked = passages.flatMap((passage) => Array.from({ length: perSentence }, () => passage));
		const said = await this.#generate(
			'facts',
			asked.map((passage) => factPrompt(this.#write, passage)),
			{ maxTokens: answerTokens, temperature: 1, grammars: asked.map(spanForm) },
		);
		const drawn = new Map<Passage, Set<string>>(passages.map((passage) => [passage, new Set()]));
		said.forEach(({ text }, i) => {
			const passage = asked[i];
			if (passage?.spans.includes(text)) drawn.get(passage)?.add(text);
		});
		return [...drawn].flatMap(([passage, answers]) =>
			[...answers].map((answer) => ({ passage, answer })),
		);
	}

	/** The best question of each fact; undefined if there is none in form. */
	async questions(facts: readonly Fact[]): Promise<readonly (Question | undefined)[]> {
		const asked = facts.flatMap((fact) => questionWords.map((begins) => ({ ...fact, begins })));
		const said = await this.#generate(
			'questions',
			asked.map(({ passage, answer }) => questionPrompt(this.#write, passage, answer)),
			{
				...{ maxTokens: questionTokens, temperature: 0 },
				grammars: asked.map(({ passage, answer, begins }) => questionForm(passage, answer, begins)),
			},
		);
		const written = asked.flatMap((one, i): readonly Question[] => {
			const { text = '', stopReason, logprobs = [] } = said[i] ?? {};
			if (stopReason !== 'stop' || !text.endsWith('?')) return [];
			const fluency = logprobs.reduce((sum, each) => sum + each, 0) / Math.max(1, logprobs.length);
			return [{ ...one, text, fluency, sureness: 0 }];
		});
		return this.#best(facts, written);
	}

	/** Some question words are likelier than others whatever is asked, so each is measured against its own usual. */
	async #best(facts: readonly Fact[], written: readonly Question[]) {
		const usual = new Map(
			questionWords.map((begins) => [
				begins,
				median(written.filter((one) => one.begins === begins).map(({ fluency }) => fluency)),
			]),
		);
		const gain = ({ begins, fluency }: Question): number => fluency - (usual.get(begins) ?? 0);
		const likeliest = facts.map(({ passage, answer }) =>
			written
				.filter((one) => one.passage === passage && one.answer === answer)
				.sort((a, b) => gain(b) - gain(a))
				.slice(0, weighed),
		);
		const all = likeliest.flat();
		const scores = await this.#model.engine.score(
			all.map(({ text, passage, answer }) => ({
				prompt: answerPrompt(this.#write, text, passage),
				completion: answer,
			})),
			{ signal: this.#options.signal },
		);
		this.#options.signal.throwIfAborted();
		const sureness = new Map(
			all.map((one, i) => [one, scores[i]?.reduce((sum, each) => sum + each, 0) ?? -Infinity]),
		);
		const worth = (one: Question): number => 3 * gain(one) + one.sureness;
		return likeliest.map((some) =>
			some
				.map((one) => ({ ...one, sureness: sureness.get(one) ?? -Infinity }))
				.sort((a, b) => worth(b) - worth(a))
				.at(0),
		);
	}

	/** The round trip of each question. */
	async check(
		facts: readonly Fact[],
		questions: readonly (Question | undefined)[],
	): Promise<readonly WrittenLesson[]> {
		const made = questions.flatMap((one) => one ?? []);
		const seen = await this.#generate(
			'checks',
			made.map(({ text, passage }) => answerPrompt(this.#write, text, passage)),
			{
				...{ maxTokens: answerTokens, temperature: 0 },
				grammars: made.map(({ passage }) => spanForm(passage)),
			},
		);
		const unseen = await this.#generate(
			'checks',
			made.map(({ text }) => answerPrompt(this.#write, text)),
			{ maxTokens: answerTokens, temperature: 0, stop: ['\n'] },
		);
		const taken = new Set<string>();
		return facts.map(({ passage, answer }, i): WrittenLesson => {
			const one = questions[i];
			const at = one ? made.indexOf(one) : -1;
			const question = one?.text ?? '';
			const key = `${passage.row.source}\n${question.toLowerCase()}`;
			const check = one
				? checkOf(one, seen[at]?.text ?? '', unseen[at]?.text ?? '', taken.has(key))
				: 'malformed';
			if (check === 'kept') taken.add(key);
			return { row: passage.row, passage: passage.inView, question, answer, check };
		});
	}

	/** Answers of the base model; stages have seeds of their own. */
	async #generate(
		stage: WritingStage,
		prompts: readonly Prompt[],
		options: Omit<PolicyOptions, 'seed' | 'signal' | 'onProgress'>,
	) {
		const { seed, signal, report } = this.#options;
		const said = await this.#model.engine.generate(prompts, {
			...options,
			...{ seed: derive(seed, 'lessons', stage), signal },
			onProgress: (done, total) => report?.(stage, done, total),
		});
		signal.throwIfAborted();
		return said;
	}
}

/** What a question and the two answers to it are worth; `seen` is said with the passage in view. */
export function checkOf(
	{ text, answer, fluency, sureness, passage }: Question,
	seen: string,
	unseen: string,
	isTaken: boolean,
): Check {
	if (isTaken || fluency < leastFluent || holdsWords(text, answer)) return 'malformed';
	if (asksForNumber(text) && !namesNumber(answer)) return 'malformed';
	if (!holdsWords(passage.text, answer) || namesOthers(text, passage)) return 'not-grounded';
	if (sureness < leastSure || !isSame(seen, answer)) return 'not-answerable';
	return isSame(unseen, answer) || holdsWords(unseen, answer) ? 'already-known' : 'kept';
}

const isSame = (said: string, wanted: string): boolean =>
	isExact(said, wanted) || rougeL(said, wanted) >= sameAnswer;

/** A name, a number or a pronoun that the passage has not. */
const namesOthers = (question: string, { inView }: Passage): boolean =>
	wordsOf(question)
		.slice(1)
		.some(
			(one) =>
				pronouns.has(one.toLowerCase()) ||
				(/^[\p{Lu}\p{N}]/u.test(one) && !holdsWords(inView, one)),
		);
