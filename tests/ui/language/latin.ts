/** @file Finds English that was left over in a Chinese or Japanese text. */

/** Names that every language writes alike, and what is typed or shown as it is. */
const names =
	/Roll back|Self-Instruct|Evol-Instruct|ReST meets ReAct|SmolLM2[\w-]*|llama\.cpp|arXiv|Evolvarium|MB|GitHub|onnx(?:runtime[\w-]*)?|[A-Z]\w+ et al\.?|https?:\S+|<[^>]*>|\{[^}]*\}/g;

/** Runs of two or more words of Latin letters, other than names. */
export const latinSentences = (text: string): readonly string[] =>
	text.replace(names, '·').match(/[A-Za-z][A-Za-z’'-]+(?:[ ,]+[A-Za-z][A-Za-z’'-]+)+/g) ?? [];
