/** @file Running text in parts of some paragraphs: what continued training learns. */
import { Parser } from 'htmlparser2';

/** Characters of a part at most, unless one paragraph is longer; some 250 tokens of English. */
const longest = 1000;

/** A part of a text with its first line. */
export interface Part {
	readonly text: string;
	readonly line: number;
}

/** Whole paragraphs together as long as they are short; a heading begins a new part. */
export function partsOf(text: string): readonly Part[] {
	const parts: Part[] = [];
	let held: Part | undefined;
	let line = 1;
	for (const block of text
		.replace(/^\ufeff/, '')
		.split(/((?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)\s*)/)) {
		const paragraph = block.trim();
		const lines = block.split(/\r\n|\n|\r/).length - 1;
		if (paragraph !== '') {
			const joined = held && `${held.text}\n\n${paragraph}`;
			if (joined !== undefined && joined.length <= longest && !/^#{1,6} /.test(paragraph))
				held = { text: joined, line: held?.line ?? line };
			else {
				if (held) parts.push(held);
				held = { text: paragraph, line };
			}
			for (const whole = held; held.text.length > 2 * longest;) {
				const cut = cutAt(held.text);
				parts.push({ text: held.text.slice(0, cut).trim(), line: whole.line });
				held = { text: held.text.slice(cut).trim(), line: whole.line };
			}
		}
		line += lines;
	}
	if (held) parts.push(held);
	return parts.filter((part) => part.text !== '');
}

/** The end of the last sentence or word before the limit. */
function cutAt(text: string): number {
	const start = text.slice(0, longest);
	const sentence = Math.max(...['. ', '! ', '? ', '\n'].map((end) => start.lastIndexOf(end)));
	if (sentence > longest / 2) return sentence + 1;
	const space = start.lastIndexOf(' ');
	return space > 0 ? space : longest;
}

const silent = new Set(['script', 'style', 'noscript', 'template', 'svg', 'head', 'nav', 'iframe']);
const blocks = new Set(
	(
		'p div section article main header footer aside blockquote pre table tr ul ol dl ' +
		'h1 h2 h3 h4 h5 h6 hr figure form'
	).split(' '),
);
const lines = new Set(['br', 'li', 'dt', 'dd']);

/** The readable text of a page; blocks become paragraphs. */
export function textOfHtml(html: string): string {
	let text = '';
	let hidden = 0;
	const breakBy = (name: string): void => {
		if (blocks.has(name)) text += '\n\n';
		else if (lines.has(name)) text += '\n';
		else if (name === 'td' || name === 'th') text += ' ';
	};
	const parser = new Parser({
		onopentagname: (name) => {
			if (silent.has(name)) hidden++;
			breakBy(name);
		},
		onclosetag: (name) => {
			if (silent.has(name)) hidden = Math.max(0, hidden - 1);
			if (blocks.has(name)) text += '\n\n';
		},
		ontext: (data) => {
			if (hidden === 0) text += data.replace(/\s+/g, ' ');
		},
	});
	parser.end(html);
	return text
		.replace(/[ \t]*\n[ \t]*/g, '\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim();
}
