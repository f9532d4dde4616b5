/**
 * @file A model's text as elements, block by block: what is finished is rendered once. Markdown is read by marked and passed through DOMPurify, which lets a few harmless
 * elements through; HTML that a model writes is shown as it is written, and nothing is fetched.
 */
import DOMPurify from 'dompurify';
import { Lexer, Marked, type Token } from 'marked';

const escape = (text: string): string =>
	text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const marked = new Marked({
	gfm: true,
	breaks: true,
	async: false,
	renderer: {
		html: ({ text }) => escape(text),
		// A picture would be fetched from somewhere: its words stand for it.
		image: ({ text, href }) => escape(text === '' ? href : text),
		// An answer's headings are not the page's.
		heading({ tokens }) {
			return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
		},
		checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
	},
});

const tags =
	'p br hr strong em del code pre blockquote ul ol li a table thead tbody tr th td'.split(' ');

/** Characters of one paragraph, item or cell whose formatting is read: the reader is quadratic in them. */
const longestInline = 4000;
/** Quotes and lists in one another: the reader and the page go down into each. */
const deepest = 50;

/** A block of the text, e.g. a paragraph, and its elements. */
interface Block {
	readonly raw: string;
	readonly nodes: readonly Node[];
}

/** The elements of a text that grows; `show` puts those of the whole text so far into a box. */
export interface GrowingMarkdown {
	show(box: Element, text: string): void;
}

/** Renders markdown as it streams in: only the last block is read again. */
export function growingMarkdown(): GrowingMarkdown {
	let finished: Block[] = [];
	/** Characters of the finished blocks. */
	let length = 0;
	let before = '';
	return {
		show(box, given) {
			const text = withLineEnds(given);
			// Another text, not a longer one.
			if (!text.startsWith(before)) {
				finished = [];
				length = 0;
			}
			before = text;
			const blocks = blocksOf(text.slice(length));
			// The last block with text is open, and what is after it.
			const open = Math.max(
				0,
				blocks.findLastIndex(({ raw }) => raw.trim() !== ''),
			);
			for (const block of blocks.slice(0, open)) {
				finished.push(block);
				length += block.raw.length;
			}
			const kept = finished.flatMap(({ nodes }) => nodes);
			const same = kept.findIndex((node, i) => box.childNodes[i] !== node);
			const from = same < 0 ? kept.length : same;
			while (box.childNodes.length > from) box.lastChild?.remove();
			box.append(...kept.slice(from), ...blocks.slice(open).flatMap(({ nodes }) => nodes));
		},
	};
}

/** The lexer counts in these line ends. */
const withLineEnds = (text: string): string => text.replace(/\r\n|\r/g, '\n');

function blocksOf(text: string): readonly Block[] {
	if (isTooDeep(text)) return [plain(text)];
	try {
		const lexer = new Lexer({ ...marked.defaults });
		const tokens = lexer.blockTokens(text, []);
		for (const { src, tokens: inner } of lexer.inlineQueue)
			if (src.length <= longestInline) lexer.inlineTokens(src, inner);
			else inner.push({ type: 'text', raw: src, text: src, escaped: false });
		return tokens.map(blockOf);
	} catch {
		return [plain(text)]; // deeper than the reader can go
	}
}

/** Does a line begin with more marks of quotes and lists than may be in one another? A rule of dashes is none. */
function isTooDeep(text: string): boolean {
	for (const [start] of text.matchAll(/^[ \t>*+\-\d.)]{50,}/gm)) {
		const marks = start.match(/>|(?:[*+-]|\d[.)])(?=[ \t])/g) ?? [];
		if (marks.length > deepest) return true;
	}
	return false;
}

function blockOf(token: Token): Block {
	const html = marked.parser([token]);
	const fragment = DOMPurify.sanitize(html, {
		RETURN_DOM_FRAGMENT: true,
		ALLOWED_TAGS: tags,
		ALLOWED_ATTR: ['href', 'start'],
		ALLOW_DATA_ATTR: false,
		ALLOW_ARIA_ATTR: false,
		ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
	});
	for (const link of fragment.querySelectorAll('a')) {
		link.setAttribute('target', '_blank');
		link.setAttribute('rel', 'noopener noreferrer nofollow');
	}
	return { raw: token.raw, nodes: [...fragment.childNodes] };
}

function plain(text: string): Block {
	const paragraph = document.createElement('p');
	paragraph.className = 'plain';
	paragraph.textContent = text;
	return { raw: text, nodes: [paragraph] };
}
