/** @file SVG documents as text: complete in themselves, without styles of the page, so that they can be taken anywhere. */

/** The page's light colours: a picture is looked at on paper and on slides. */
export const colours = {
	paper: '#fffefb',
	line: '#e2ded4',
	ink: '#1b2128',
	soft: '#565f6a',
	acquire: '#2766a8',
	refine: '#8a590a',
	update: '#a8325a',
	evaluate: '#1d7759',
} as const;

const family = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

export const escaped = (text: string): string =>
	text
		// A control character would make the document unreadable.
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '·')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;');

type Attributes = Readonly<Record<string, string | number>>;

/** One element; `content` is SVG, not text. */
export const element = (name: string, attributes: Attributes, content = ''): string =>
	`<${name}${Object.entries(attributes)
		.map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? short(value) : value)}"`)
		.join('')}${content === '' ? '/>' : `>${content}</${name}>`}`;

export const short = (value: number): string => String(Math.round(value * 100) / 100);

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
	element(
		'text',
		{ x, y, 'font-size': 14, fill: colours.ink, ...attributes },
		escaped(words) || ' ',
	);

/** A whole picture with its name for those who cannot see it. */
export const picture = (
	{ width, height }: { readonly width: number; readonly height: number },
	title: string,
	content: string,
): string =>
	element(
		'svg',
		{
			xmlns: 'http://www.w3.org/2000/svg',
			...{ width, height, viewBox: `0 0 ${width} ${height}` },
			...{ 'font-family': family, role: 'img' },
		},
		element('title', {}, escaped(title)) +
			element('rect', { width, height, fill: colours.paper }) +
			content,
	);

/** Chinese and Japanese characters with their punctuation: written without spaces, twice as wide as a letter. */
const wide = /[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]/u;
/** Marks that no line begins with. */
const closing = /^[、。，．：；！？）」』】〉》”’・ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ]/u;

/** Width in letters of the Latin script. */
const widthOf = (words: string): number =>
	Array.from(words).reduce((sum, one) => sum + (wide.test(one) ? 2 : 1), 0);

/** Pieces between which a line may break: words, and each wide character with the marks that stay with it. */
function piecesOf(words: string): readonly { readonly piece: string; readonly spaced: boolean }[] {
	const pieces: { piece: string; spaced: boolean }[] = [];
	for (const word of words.split(' ')) {
		let spaced = pieces.length > 0;
		for (const [part] of word.matchAll(
			/[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]|[^\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]+/gu,
		)) {
			const last = pieces.at(-1);
			if (last && !spaced && closing.test(part)) last.piece += part;
			else pieces.push({ piece: part, spaced });
			spaced = false;
		}
	}
	return pieces;
}

/** Words in lines of at most so many letters; a wide character counts as two, and lines break between them. */
export function wrapped(words: string, most: number): readonly string[] {
	const lines: string[] = [];
	for (const { piece, spaced } of piecesOf(words)) {
		const last = lines.at(-1);
		const joined = last === undefined ? piece : `${last}${spaced ? ' ' : ''}${piece}`;
		if (last !== undefined && widthOf(joined) <= most) lines[lines.length - 1] = joined;
		else lines.push(widthOf(piece) > most ? `${piece.slice(0, most - 1)}…` : piece);
	}
	return lines;
}

/** Rows as CSV (RFC 4180); facts stand before the heading as comments. */
export function csvOf(
	facts: readonly string[],
	columns: readonly string[],
	rows: readonly (readonly (string | number)[])[],
): string {
	// A cell that begins so would be a formula in a spreadsheet.
	const cell = (value: string | number): string => {
		const said =
			typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
		return /[",\n\r]/.test(said) ? `"${said.replaceAll('"', '""')}"` : said;
	};
	return [
		...facts.map((fact) => `# ${fact.replace(/[\r\n]+/g, ' ')}`),
		...[columns, ...rows].map((row) => row.map(cell).join(',')),
		'',
	].join('\r\n');
}
