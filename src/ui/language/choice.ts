/** @file Choice of the language: a link's, else the one chosen earlier in this browser, else the browser's own. */

/** BCP 47 tags, as they stand in a link. */
export const tags = ['en', 'zh', 'ja'] as const;
export type Tag = (typeof tags)[number];

/** Languages in their own words. */
export const names: Readonly<Record<Tag, string>> = { en: 'English', zh: '中文', ja: '日本語' };

const key = 'evolvarium.language';

/** Name of the parameter in a link: `?lang=zh`. */
export const parameter = 'lang';

/** `zh-TW` and `zh` are both `zh`; undefined for a language that the page does not have. */
export const tagOf = (text: string | null): Tag | undefined =>
	tags.find((tag) => tag === text?.toLowerCase().split('-')[0]);

/** The language to begin with. A browser's list names the one that is liked best first. */
export function chosenTag(query: URLSearchParams, preferred: readonly string[]): Tag {
	const linked = tagOf(query.get(parameter));
	return linked ?? tagOf(stored()) ?? preferred.map(tagOf).find((tag) => tag) ?? 'en';
}

export function remember(tag: Tag): void {
	try {
		localStorage.setItem(key, tag);
	} catch {
		// Storage is forbidden here: the choice lasts as long as the page.
	}
}

function stored(): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null;
	}
}
