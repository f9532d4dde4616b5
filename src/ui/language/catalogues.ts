/**
 * @file Catalogues of the three languages. The English texts of World are in the page's own chunk; every other part is a
 * chunk that is loaded when it is first needed.
 */
import type { Tag } from './choice.ts';
import page from './en/page.json?messages';
import type enAbout from './en/about.json';
import type enInside from './en/inside.json';
import type enLearn from './en/learn.json';
import type enMore from './en/more.json';
import type enPage from './en/page.json';
import type enShow from './en/show.json';
import type { Part } from './part.ts';

export type Key =
	| keyof (typeof enPage & typeof enMore & typeof enLearn)
	| keyof (typeof enShow & typeof enAbout & typeof enInside);
/**
 * `page` is needed for the first paint; `more` holds the dialogs and what lies below on World, `learn` the Learn page, the
 * tour and the terms, `show` present mode, the pictures of a run and the page for teachers, `about` the page About,
 * `inside` one experience from its answers to the examination.
 */
export type PartName = 'page' | 'more' | 'learn' | 'show' | 'about' | 'inside';

export const english: Part = { messages: page };

export const loaders: Readonly<Record<Tag, Readonly<Record<PartName, () => Promise<Part>>>>> = {
	en: {
		page: () => Promise.resolve(english),
		more: async () => ({ messages: (await import('./en/more.json?messages')).default }),
		learn: async () => ({ messages: (await import('./en/learn.json?messages')).default }),
		show: async () => ({ messages: (await import('./en/show.json?messages')).default }),
		about: async () => ({ messages: (await import('./en/about.json?messages')).default }),
		inside: async () => ({ messages: (await import('./en/inside.json?messages')).default }),
	},
	zh: {
		page: async () => (await import('./zh/page.ts')).part,
		more: async () => (await import('./zh/more.ts')).part,
		learn: async () => (await import('./zh/learn.ts')).part,
		show: async () => (await import('./zh/show.ts')).part,
		about: async () => (await import('./zh/about.ts')).part,
		inside: async () => (await import('./zh/inside.ts')).part,
	},
	ja: {
		page: async () => (await import('./ja/page.ts')).part,
		more: async () => (await import('./ja/more.ts')).part,
		learn: async () => (await import('./ja/learn.ts')).part,
		show: async () => (await import('./ja/show.ts')).part,
		about: async () => (await import('./ja/about.ts')).part,
		inside: async () => (await import('./ja/inside.ts')).part,
	},
};
