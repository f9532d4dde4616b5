/**
 * @file Catalogues of the three languages. The English texts of World are in the page's own chunk; every other part is a
 * chunk of each language, loaded when it is first needed.
 */
import type { Tag } from './choice.ts';
import page from './en/page.json?messages';
import type enAbout from './en/about.json';
import type enChat from './en/chat.json';
import type enGallery from './en/gallery.json';
import type enInside from './en/inside.json';
import type enLeaves from './en/leaves.json';
import type enLearn from './en/learn.json';
import type enModels from './en/models.json';
import type enMore from './en/more.json';
import type enPage from './en/page.json';
import type enRuns from './en/runs.json';
import type enShow from './en/show.json';
import type enTeach from './en/teach.json';
import type { Messages, Part } from './part.ts';

export type Key =
	| keyof (typeof enPage & typeof enMore & typeof enLearn)
	| keyof (typeof enShow & typeof enAbout & typeof enInside & typeof enRuns & typeof enGallery)
	| keyof (typeof enLeaves & typeof enTeach & typeof enChat & typeof enModels);
/**
 * `page` is needed for the first paint; `more` holds the dialogs and what lies below on World, `knobs` the names and
 * explanations of knobs, `problems` what can be wrong and what goes wrong in answers, `learn` the Learn page, the tour and the
 * terms, `show` present mode, the pictures of a run and the page for teachers, `about` the page About, `inside` one experience
 * from its answers to the examination, `runs` the stored runs and their comparison, `gallery` real problems of every
 * environment, `leaves` the map of the survey, `teach` the steps of Teach, `chat` a conversation with a model, `models` the models of this browser.
 */
export type PartName =
	| 'page'
	| 'more'
	| 'knobs'
	| 'problems'
	| 'learn'
	| 'show'
	| 'about'
	| 'inside'
	| 'runs'
	| 'gallery'
	| 'leaves'
	| 'teach'
	| 'chat'
	| 'models';

export const english: Part = { messages: page };

const messages = import.meta.glob<Messages>(
	[
		'./*/*.json',
		'!./en/page.json',
		'!./*/{data,knobs,lessons,library,problems,teaching,terms}.json',
	],
	{ query: '?messages', import: 'default' },
);
/** What a part holds beside its messages, in the languages other than English. */
const besides: Readonly<Partial<Record<PartName, Readonly<Partial<Record<keyof Part, string>>>>>> =
	{
		page: { data: 'data' },
		knobs: { data: 'knobs' },
		problems: { data: 'problems' },
		learn: { lessons: 'lessons', terms: 'terms' },
		teach: { data: 'teaching' },
		models: { data: 'library' },
	};
const files = import.meta.glob<object>(
	'./{zh,ja}/{data,knobs,lessons,library,problems,teaching,terms}.json',
	{
		import: 'default',
	},
);

/** A part in a language. */
export async function loadPart(tag: Tag, name: PartName): Promise<Part> {
	if (tag === 'en' && name === 'page') return english;
	const rest = Object.entries(besides[name] ?? {}).map(
		async ([field, file]) => [field, await files[`./${tag}/${file}.json`]?.()] as const,
	);
	const [own, ...more] = await Promise.all([messages[`./${tag}/${name}.json`]?.(), ...rest]);
	return { messages: own ?? {}, ...Object.fromEntries(more) };
}
