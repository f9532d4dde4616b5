/**
 * @file A model's text as elements. Markdown is read by marked and passed through DOMPurify, which lets a few harmless
 * elements through; HTML that a model writes is shown as it is written, and nothing is fetched.
 */
import DOMPurify from 'dompurify';
import { Marked } from 'marked';

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

/** Reads markdown; what is not allowed stays behind as text or is gone. */
export function renderMarkdown(text: string): DocumentFragment {
	const html = marked.parse(text);
	const fragment = DOMPurify.sanitize(typeof html === 'string' ? html : '', {
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
	return fragment;
}
