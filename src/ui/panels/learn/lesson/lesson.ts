/**
 * @file A lesson: one question, runs that answer it, and how the answer is read from their records; the schema of its file.
 *
 * Everything that a person reads stands in `words`, a block for each language. A lesson is a stranger's file: its texts are
 * shown as text, and its addresses are queries of this page.
 */
import * as v from 'valibot';
import { list, number, object, oneOf, read, whole, type Schema } from '#base/schema.ts';
import { figureNames, type Figure } from './figures.ts';
import { plantedSchema, type Planted } from './planted.ts';

/** What must hold of the figures at the end of the runs: `least` ≤ value < `below`. */
export interface Condition extends Figure {
	/** The run that is meant, from 1. */
	readonly world: number;
	/** Value of another world, which is taken off. */
	readonly minus?: number;
	/** `gain`: the last value minus the first; else the last. */
	readonly at?: 'end' | 'gain';
	readonly least?: number;
	readonly below?: number;
}

/** Held-out problems that an adapter is looked into on. */
export const itemsLookedInto = 3;

/** All words of a lesson, in one language. */
export interface LessonWords {
	readonly title: string;
	/** What one knows afterwards: one sentence. */
	readonly know: string;
	/** What the runs do, before the question is asked. */
	readonly setting: string;
	readonly question: string;
	/** Names of the worlds: one for each run. */
	readonly worlds: readonly string[];
	/** Possible outcomes, in the order of `outcomes`. */
	readonly options: readonly string[];
	readonly why: string;
	/** Names of the links, in the order of `tries`. */
	readonly tries: readonly string[];
}

export interface Lesson {
	readonly id: string;
	readonly minutes: number;
	/** Section of the survey. */
	readonly section: string;
	/** Address of the first run, as the World page writes it: `?rounds=3&problems=200`. */
	readonly run: string;
	/** What differs in each other run: one `name=value` of the address, or of `planted`. */
	readonly changes: readonly string[];
	/** `name=value` pairs that make all runs quick enough for a test. */
	readonly short: string;
	/**
	 * Recorded runs are shown in place of live ones: their model is too large for a lesson. `english`: the run of the World page;
	 * `worlds`: a run for each world, kept by the lesson's `id`.
	 */
	readonly recording?: 'english' | 'worlds';
	/** In place of runs: a note is planted among rows, and an adapter trained on them is asked for it. */
	readonly planted?: Planted;
	/** Difficulty of held-out problems on whose right answers each world's adapter is looked into at its end. */
	readonly looksInto?: number;
	/** Figures that are drawn; the first is lit up. */
	readonly shows: readonly Figure[];
	/** For each option the conditions under which it came out; the first that holds is the outcome. */
	readonly outcomes: readonly (readonly Condition[])[];
	/** The option that the author found, from 1. */
	readonly expected: number;
	/** What a reader can try: addresses of runs, or pages as `#/teach`. */
	readonly tries: readonly string[];
	readonly words: Readonly<Record<string, LessonWords>>;
}

/** Longest text of a lesson, in characters. */
const longest = 1500;

const words = (most: number) =>
	v.pipe(
		v.string('is not text'),
		v.check((text) => text.trim() !== '', 'is empty'),
		v.maxLength(most, `is longer than ${most} characters`),
	);
const few = <const S extends v.GenericSchema>(item: S, least: number, most: number) =>
	v.pipe(
		list(item),
		v.minLength(least, `has fewer than ${least}`),
		v.maxLength(most, `has more than ${most}`),
	);
const between = (from: number, to: number) =>
	v.pipe(
		whole,
		v.check((n) => n >= from && n <= to, `is not from ${from} to ${to}`),
	);

const figure = {
	figure: oneOf(figureNames),
	from: v.exactOptional(whole),
	to: v.exactOptional(whole),
};
const world = between(1, 4);

const condition = v.pipe(
	object({
		...figure,
		world,
		minus: v.exactOptional(world),
		at: v.exactOptional(oneOf(['end', 'gain'])),
		least: v.exactOptional(number),
		below: v.exactOptional(number),
	}),
	v.check(
		({ least, below }) => least !== undefined || below !== undefined,
		'has neither least nor below',
	),
);

const wordsSchema = object({
	title: words(80),
	know: words(200),
	setting: words(longest),
	question: words(300),
	worlds: few(words(60), 1, 4),
	options: few(words(200), 2, 5),
	why: words(longest),
	tries: few(words(120), 2, 2),
}) satisfies Schema<LessonWords>;

const pair = v.pipe(words(200), v.regex(/^[\w.-]+=[^&]+$/, 'is not one name=value of an address'));
const query = v.pipe(
	words(1000),
	v.regex(/^\?[^#]*$/, 'is not an address of this page: it begins with ? and has no #'),
);

const pageLink = v.pipe(words(100), v.regex(/^#\/[a-z]+$/, 'is no page'));

/** Languages by their BCP 47 tag: `en`, `zh-Hans`. */
const languageTag = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** The one declaration of the file. */
export const lessonSchema = object({
	id: v.pipe(words(40), v.regex(/^[a-z][a-z0-9-]*$/, 'is not a word of letters, digits and -')),
	minutes: between(1, 60),
	section: v.pipe(
		words(10),
		v.regex(/^\d(\.\d){0,3}$/, 'is not a section of the survey, as 5.1.2'),
	),
	run: query,
	changes: few(pair, 0, 3),
	short: v.pipe(words(200), v.regex(/^[\w.-]+=[^&]+(&[\w.-]+=[^&]+)*$/, 'is not name=value pairs')),
	recording: v.exactOptional(oneOf(['english', 'worlds'])),
	planted: v.exactOptional(plantedSchema),
	looksInto: v.exactOptional(between(1, 40)),
	shows: few(object(figure), 1, 3),
	outcomes: few(few(condition, 1, 6), 2, 5),
	expected: between(1, 5),
	tries: few(v.union([query, pageLink], 'is neither an address nor a page as #/teach'), 2, 2),
	words: v.pipe(
		v.record(
			v.pipe(v.string(), v.regex(languageTag, 'is not named by a language, as en')),
			wordsSchema,
			'is not an object',
		),
		v.check((all) => Object.keys(all).length > 0, 'has no language'),
	),
}) satisfies Schema<Lesson>;

/** Error of an invalid lesson; the message names the field. */
export class BadLessonError extends Error {
	override name = 'BadLessonError';
}

const bad = (flaw: string): BadLessonError =>
	new BadLessonError(`Not a lesson: ${flaw}; docs/LESSONS.md says what each field holds.`);

/** Checks parsed JSON, and that its parts agree with each other. */
export function readLesson(value: unknown): Lesson {
	const lesson = read(lessonSchema, value, 'it', bad);
	const { changes, outcomes, expected } = lesson;
	const worlds = changes.length + 1;
	if (expected > outcomes.length)
		throw bad(`expected names no outcome: there are ${outcomes.length}`);
	outcomes.forEach((all, i) =>
		all.forEach((one, k) => {
			if (Math.max(one.world, one.minus ?? 1) > worlds)
				throw bad(`outcomes[${i}][${k}] names a world that is not there: there are ${worlds}`);
		}),
	);
	for (const [language, said] of Object.entries(lesson.words)) {
		const counted: readonly (readonly [keyof LessonWords, number, string])[] = [
			['worlds', worlds, 'the run and each change'],
			['options', outcomes.length, 'each outcome'],
		];
		for (const [field, n, of] of counted)
			if (said[field].length !== n)
				throw bad(
					`words.${language}.${field} has ${said[field].length} texts and not ${n}, one for ${of}`,
				);
	}
	return lesson;
}

/** Words in this language, else in English, else in the first that it has. */
export function wordsOf({ words }: Lesson, language = 'en'): LessonWords {
	const said = words[language] ?? words['en'] ?? Object.values(words)[0];
	if (said) return said;
	throw bad('words has no language');
}
