/**
 * @file Sentences of the data layer that hold values, recognised by their English: `{kept} problems were kept`. A name of one
 * letter stands for a number, a longer one for any text.
 */

export interface Pattern {
	readonly form: RegExp;
	/** The sentence with the values that `form` found; `say` puts each into words, since it may be a sentence itself. */
	fill(
		values: Readonly<Record<string, string>>,
		say: (english: string, name: string) => string,
	): string;
}

const slot = /\{(\w+)\}/g;

/** A pattern for each entry with placeholders, the longest first: it says most. */
export const patternsOf = (data: Readonly<Record<string, string>>): readonly Pattern[] =>
	Object.entries(data)
		.filter(([english]) => english.search(slot) >= 0)
		.sort(([a], [b]) => b.length - a.length)
		.map(([english, said]) => ({
			form: new RegExp(`^${formOf(english)}$`),
			fill: (values, say) => said.replace(slot, (_, name: string) => say(values[name] ?? '', name)),
		}));

function formOf(english: string): string {
	return english
		.split(/(\{\w+\})/)
		.map((part) => {
			const name = /^\{(\w+)\}$/.exec(part)?.[1];
			if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
			return `(?<${name}>${name.length === 1 ? String.raw`[\d.,−-]+` : '.+?'})`;
		})
		.join('');
}
