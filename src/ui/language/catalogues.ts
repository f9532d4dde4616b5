/**
 * @file Catalogues of the three languages. The English texts of World are in the page's own chunk; every other part is a
 * chunk that is loaded when it is first needed.
 */
import type { Tag } from './choice.ts';
import page from './en/page.json?messages';
import type enLearn from './en/learn.json';
import type enMore from './en/more.json';
import type enPage from './en/page.json';
import type { Part } from './part.ts';

export type Key = keyof typeof enPage | keyof typeof enMore | keyof typeof enLearn;
/**
 * `page` is needed for the first paint; `more` holds the dialogs and what lies below on World, `learn` the Learn page, the
 * tour and the terms.
 */
export type PartName = 'page' | 'more' | 'learn';

export const english: Part = { messages: page };

export const loaders: Readonly<Record<Tag, Readonly<Record<PartName, () => Promise<Part>>>>> = {
	en: {
		page: () => Promise.resolve(english),
		more: async () => ({ messages: (await import('./en/more.json?messages')).default }),
		learn: async () => ({ messages: (await import('./en/learn.json?messages')).default }),
	},
	zh: {
		page: async () => (await import('./zh/page.ts')).part,
		more: async () => (await import('./zh/more.ts')).part,
		learn: async () => (await import('./zh/learn.ts')).part,
	},
	ja: {
		page: async () => (await import('./ja/page.ts')).part,
		more: async () => (await import('./ja/more.ts')).part,
		learn: async () => (await import('./ja/learn.ts')).part,
	},
};
