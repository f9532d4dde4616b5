/**
 * @file Expressions of published tokenizers, by which JavaScript's own engine searches: each consumes what it looks at, so
 * none can be made to go back for long.
 */
import { splittingPatterns } from '../byte-level.ts';

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const upper = String.raw`\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}`;
const lower = String.raw`\p{Ll}\p{Lm}\p{Lo}\p{M}`;
const spaces = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;

const known: ReadonlySet<string> = new Set([
	...splittingPatterns,
	// o200k: GPT-4o, gpt-oss, Llama 4; and tekken, without contractions: Mistral Nemo.
	...[`${contractions}?`, ''].flatMap((ending) =>
		[String.raw`\p{N}{1,3}`, String.raw`\p{N}`].map(
			(digits) =>
				String.raw`[^\r\n\p{L}\p{N}]?[${upper}]*[${lower}]+${ending}|[^\r\n\p{L}\p{N}]?[${upper}]+[${lower}]*${ending}|${digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${spaces}`,
		),
	),
	// Replacements of white space: CLIP, T5, XLM-R, ALBERT.
	String.raw`\s+`,
	' {2,}',
	' ',
	String.raw`\n`,
	String.raw`\p{N}`,
	String.raw`\p{N}+`,
	String.raw`\p{N}{1,3}`,
	String.raw`\d`,
	String.raw`\d+`,
	// DeepSeek V3.
	'[一-龥぀-ゟ゠-ヿ]+',
	String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_` +
		'`' +
		String.raw`{|}~][A-Za-z]+|[^` +
		String.raw`\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|${spaces}`,
	// BLOOM.
	' ?[^(\\s|[.,!?…。，、।۔،])]+',
]);

/** Is this expression of `tokenizer.json`, as it stands there, one of them? */
export const isKnownPattern = (source: string): boolean => known.has(source);
