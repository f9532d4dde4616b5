/**
 * @file A lesson from elsewhere: out of a file, or out of a link that holds all of it, so that no server is asked. The link
 * carries the file, deflated, in base64url.
 */
import { deflateSync, Inflate, strToU8 } from 'fflate';
import { BadLessonError, readLesson, type Lesson } from './lesson.ts';

/** Bytes of a lesson's file: many times those of ours. */
const mostBytes = 64 << 10;

const tooLarge = (): BadLessonError =>
	new BadLessonError(
		`Not a lesson: it has more than ${mostBytes >> 10} kB; a lesson is a short file.`,
	);

/** Reads the text of a file. */
export function lessonFromText(text: string): Lesson {
	if (text.length > mostBytes) throw tooLarge();
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new BadLessonError(`Not a lesson: it is not JSON (${why.slice(0, 120)}).`);
	}
	return readLesson(value);
}

/** The parameter of a link that opens this lesson. */
export function toLink(lesson: Lesson): string {
	const bytes = deflateSync(strToU8(JSON.stringify(lesson)), { level: 9 });
	const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
	return letters.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Reads what `toLink` wrote. */
export function lessonFromLink(carried: string): Lesson {
	if (carried.length > 2 * mostBytes) throw tooLarge();
	let bytes: Uint8Array;
	try {
		const letters = atob(carried.replaceAll('-', '+').replaceAll('_', '/'));
		bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
	} catch {
		throw cut();
	}
	return lessonFromText(inflated(bytes));
}

const cut = (): BadLessonError =>
	new BadLessonError('Not a lesson: the link is damaged; copy all of it.');

/** Compressed bytes that are read between two looks at the limit: a few bytes can stand for gigabytes. */
const pieceBytes = 256;

function inflated(bytes: Uint8Array): string {
	const decoder = new TextDecoder('utf-8', { fatal: true });
	let made = 0;
	let text = '';
	const seen: { isWhole: boolean } = { isWhole: false };
	const inflate = new Inflate((part, isLast) => {
		made += part.length;
		if (made > mostBytes) throw tooLarge();
		text += decoder.decode(part, { stream: !isLast });
		seen.isWhole ||= isLast;
	});
	try {
		for (let at = 0; at < bytes.length; at += pieceBytes)
			inflate.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length);
	} catch (error) {
		throw error instanceof BadLessonError ? error : cut();
	}
	if (!seen.isWhole) throw cut();
	return text;
}
