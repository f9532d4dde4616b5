/** @file Language of the page: `t` gives a text of its catalogues, `said` one of the data layer. Both follow a change. */
import { untrack } from 'svelte';
import { english, loadPart } from './catalogues.ts';
import type { Key, PartName } from './catalogues.ts';
import { chosenTag, parameter, remember, tagOf, type Tag } from './choice.ts';
import type { Part, Values } from './part.ts';
import { patternsOf, type Pattern } from './patterns.ts';

/** Written into `<html lang>`; the script decides which font draws a character that both languages have. */
const htmlTags: Readonly<Record<Tag, string>> = { en: 'en', zh: 'zh-Hans', ja: 'ja' };

class Language {
	tag = $state.raw<Tag>('en');
	#parts = $state.raw<Partial<Record<PartName, Part>>>({ page: english });
	/** Texts of the data layer of all parts that are loaded. */
	readonly #data: Readonly<Record<string, string>> = $derived(
		Object.fromEntries(
			Object.values(this.#parts).flatMap(({ data }) => Object.entries(data ?? {})),
		),
	);
	readonly #patterns: readonly Pattern[] = $derived(patternsOf(this.#data));

	get isEnglish(): boolean {
		return this.tag === 'en';
	}

	/** Before the first paint; stays English if a catalogue does not come. */
	async begin(): Promise<void> {
		const query = new URLSearchParams(location.search);
		const tag = chosenTag(query, navigator.languages);
		if (tagOf(query.get(parameter))) remember(tag);
		if (tag !== 'en') await this.#show(tag).catch(() => undefined);
	}

	/** The person's choice, which this browser remembers. */
	async choose(tag: Tag): Promise<void> {
		await this.#show(tag);
		remember(tag);
	}

	/**
	 * Loads a further part in the language shown. It reads nothing that a template follows: a panel that awaits a part would
	 * be built anew, and what was open or written in it lost, as soon as another part comes.
	 */
	async load(name: PartName): Promise<void> {
		const { tag, isThere } = untrack(() => ({
			tag: this.tag,
			isThere: this.#parts[name] !== undefined,
		}));
		if (isThere) return;
		const part = await loadPart(tag, name);
		if (tag === this.tag) this.#parts = { ...this.#parts, [name]: part };
		else await this.load(name);
	}

	/** Text of a message; the key itself if its part is not loaded. */
	text(key: Key, values: Values): string {
		for (const { messages } of Object.values(this.#parts)) {
			const message = messages[key];
			if (message) return message(values);
		}
		return key;
	}

	/** `kind` tells apart words that English writes alike: `words` as a unit, and as what is asked. */
	said(english: string, kind?: string): string {
		const data = this.#data;
		if (english === '') return english;
		for (const key of kind === undefined ? [english] : [`${kind}: ${english}`, english])
			if (Object.hasOwn(data, key)) return data[key] ?? english;
		for (const { form, fill } of this.#patterns) {
			const match = form.exec(english);
			if (match) return fill(match.groups ?? {}, (text, name) => this.said(text, name));
		}
		return english;
	}

	get learn(): Part | undefined {
		return this.#parts.learn;
	}

	/** Swaps every part that is loaded, at once. */
	async #show(tag: Tag): Promise<void> {
		const wanted = Object.keys(this.#parts) as PartName[];
		const loaded = await Promise.all(
			wanted.map(async (name) => [name, await loadPart(tag, name)] as const),
		);
		this.#parts = Object.fromEntries(loaded);
		this.tag = tag;
		if (typeof document !== 'undefined') document.documentElement.lang = htmlTags[tag];
	}
}

export const language = new Language();

/** Text of this key in the language shown, with its values. */
export const t = (key: Key, values: Values = {}): string => language.text(key, values);

/**
 * A sentence of the data layer in the language shown: the name of a cell, a stored reason. Runs keep such sentences in
 * English; those that no catalogue knows stay so.
 */
export const said = (text: string, kind?: string): string => language.said(text, kind);

/** A component that is loaded when it is asked for, once the texts of `more` and of these parts are there too. */
export async function withTexts<T>(module: Promise<T>, ...parts: readonly PartName[]): Promise<T> {
	await Promise.all(['more' as const, ...parts].map((part) => language.load(part)));
	return module;
}
