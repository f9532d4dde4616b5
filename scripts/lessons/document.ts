/** @file docs/LESSONS.md, for teachers, and the words of the page in docs/GLOSSARY.md. */
import { readFile } from 'node:fs/promises';
import { figureNames } from '#ui/panels/learn/lesson/figures.ts';
import {
	wordsOf,
	type Condition,
	type Lesson,
	type LessonWords,
} from '#ui/panels/learn/lesson/lesson.ts';
import { lessons } from '#ui/panels/learn/lessons/index.ts';
import words from '#ui/language/en/learn.json' with { type: 'json' };
import terms from '#ui/terms/terms.json' with { type: 'json' };

const root = new URL('../../', import.meta.url);
const folder = 'src/ui/panels/learn/lessons';

/** What each field of the file holds; a field without a line does not compile. */
const fields = {
	id: 'A word for addresses and recordings: `my-lesson`.',
	minutes: 'How long a reader takes, 1 to 60.',
	section: 'Section of the survey: `5.1.2`.',
	run: 'Address of the first world: set a run up on World and copy what the address bar shows, from `?` to before `#`. Choose few problems and rounds, so that it takes a minute.',
	changes:
		'Up to three worlds beside the first. Each is one `name=value` of an address, and the only thing that differs: a knob, the method or the seed.',
	short: '`name=value` pairs, joined by `&`, that make all worlds quick enough for a test.',
	recording:
		'Only for a lesson of ours: it shows recorded runs in place of live ones (`english`: the run of the World page; `worlds`: one for each world).',
	planted:
		'In place of runs, a planted note: `model`, `question`, `note` (each `#` is a digit of chance), `rows` of other words, `copies` of the note, `steps` of training. A change is then `rows`, `copies` or `steps`, and `run` holds no more than the seed.',
	looksInto:
		'A difficulty: at the end of each world its adapter is looked into, module by module, and token by token on right answers to held-out problems of that difficulty. Only for environments of text; may be left out.',
	shows:
		'One to three figures to draw; the first is lit up. `from` and `to` narrow it to some difficulties.',
	outcomes:
		'For each option a list of conditions that must all hold at the end. The first option whose conditions hold is what came out.',
	expected: 'Number of the option that you found yourself, from 1.',
	tries: 'Two addresses that a reader may go on with, or pages as `#/teach`.',
	words:
		'Everything that is read, for each language by its tag: `en`, `zh`, `ja`. One language is enough.',
} satisfies Record<keyof Lesson, string>;

const wordFields = {
	title: 'A question, best of all.',
	know: 'What one knows afterwards: one sentence, for the list.',
	setting: 'What the worlds do, before the question.',
	question: 'What the reader predicts.',
	worlds: 'A name for each world.',
	options: 'The possible outcomes, in the order of `outcomes`.',
	why: 'One paragraph. Terms of the glossary explain themselves.',
	tries: 'A name for each of the two addresses.',
} satisfies Record<keyof LessonWords, string>;

const conditionFields = {
	figure: 'One of the figures below.',
	from: 'Only difficulties from here on; may be left out.',
	to: 'Only difficulties up to here; may be left out.',
	world: 'Of which world, from 1.',
	minus: 'Of which world the value is taken off; may be left out.',
	at: '`gain` for the last value minus the first; otherwise the last.',
	least: 'The value is at least this.',
	below: 'The value is below this. Shares are from 0 to 1.',
} satisfies Record<keyof Condition, string>;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
	[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const tableOf = (of: Readonly<Record<string, string>>): string =>
	table(
		['field', 'holds'],
		Object.entries(of).map(([name, says]) => [`\`${name}\``, says]),
	);

/** The document for teachers. */
export async function lessonsDocument(made: string): Promise<string> {
	const example = (await readFile(new URL(`${folder}/loop.json`, root), 'utf8')).trim();
	return [
		'# Lessons',
		made,
		'A lesson is one question that real runs answer. The reader says first what they expect; then two to four worlds run side by side from one seed, with one thing changed in each; then the page says what came out, from the records of the runs, and why. Nothing in it is a film: a reader with another seed may see another outcome, and the page says so.',
		'## Write one',
		`A lesson is one file of JSON, without code. Begin with a copy of one of ours in \`${folder}/\`, and change it. Open it on the page under _Learn_, _Open a lesson’s file_. What is wrong is said by the name of the field. _Copy a link to this lesson_ gives a link that holds the whole lesson, so that a class can open it without any server.`,
		'Two rules make a lesson honest. One cause: each world differs from the first in one thing, and the file cannot say otherwise. And an outcome that comes: try at least three seeds (`seed=2` in `run`) before you write down what is expected.',
		'## The file',
		tableOf(fields),
		'A condition:',
		tableOf(conditionFields),
		'Words:',
		tableOf(wordFields),
		'## Figures',
		table(
			['figure', 'name on the page', 'what it is'],
			figureNames.map((name) => [
				`\`${name}\``,
				words[`figure.${name}.name`],
				words[`figure.${name}.says`],
			]),
		),
		'## An example',
		`\`\`\`json\n${example}\n\`\`\``,
		'## The lessons that there are',
		table(
			['lesson', 'one knows afterwards', 'survey', 'minutes'],
			lessons.map((lesson) => {
				const { title, know } = wordsOf(lesson);
				return [
					`[${title}](../${folder}/${lesson.id}.json)`,
					know,
					lesson.section,
					String(lesson.minutes),
				];
			}),
		),
		'## In another language',
		'Add a block to `words` under the tag of the language, beside `en`: the same fields, as many worlds and options. A reader sees the block of the page’s language, else the English one, else the first. The page speaks English, Chinese (`zh`) and Japanese (`ja`); a link that ends in `?lang=zh` before the `#` opens it in Chinese. For our own lessons all blocks of a language lie in one file, `src/ui/language/zh/lessons.json`, by the lesson’s `id`, so that a reader loads one language only. Terms of the field in another language: `src/ui/language/zh/terms.json`; which word stands for which: `docs/decisions/2026-11-29-languages.md`.',
		'## Check them all',
		'`npm run lessons` runs every world in full with seeds 1 to 3, in Node, and fails if another option came out than the lesson expects; `npm run lessons -- filter --seeds 1` one of them, `--short` in the form that tests use, `--record` writes anew what the page plays in place of a live run.',
	].join('\n\n');
}

const heading = '## Words of the page';

/** The glossary with its last section written anew from the terms that the page explains. */
export async function glossaryDocument(made: string): Promise<string> {
	const text = await readFile(new URL('docs/GLOSSARY.md', root), 'utf8');
	const at = text.indexOf(heading);
	return [
		(at < 0 ? text : text.slice(0, at)).trimEnd(),
		heading,
		made,
		'Terms that explain themselves where they stand, on Learn and World; from `src/ui/terms/terms.json`.',
		table(
			['term', 'means', 'survey'],
			Object.values(terms)
				.map(({ names, says, section }) => [names[0] ?? '', says, section])
				.sort(([a = ''], [b = '']) => a.localeCompare(b, 'en')),
		),
	].join('\n\n');
}
