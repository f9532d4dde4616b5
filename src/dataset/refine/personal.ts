/**
 * @file Secrets and personal data in a text: mail addresses, telephone numbers (libphonenumber), payment cards (Luhn) and
 * keys by their patterns. A mark is a hint for a person, no proof.
 */
import { findPhoneNumbersInText } from 'libphonenumber-js/min';

export const personalKinds = ['mail', 'phone', 'card', 'key'] as const;
export type PersonalKind = (typeof personalKinds)[number];

/** One place in a text, end exclusive. */
export interface Mark {
	readonly kind: PersonalKind;
	readonly from: number;
	readonly to: number;
}

/** Prefixes of well-known services, private keys, tokens, and passwords after their name. */
const keys: readonly RegExp[] = [
	/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
	/\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[A-Za-z0-9_-]{16,200}/g,
	/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
	/\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,100})/g,
	/\b(?:hf_[A-Za-z0-9]{30,60}|xox[abprs]-[A-Za-z0-9-]{10,200}|AIza[A-Za-z0-9_-]{35})/g,
	/\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/g,
	/(?<=\b(?:password|passwort|passwd|pwd|api[_ -]?key|secret|token|pin)\s{0,3}(?:is|ist|=|:)\s{0,3})[^\s,;"'<>]{4,100}/gi,
];
const mail = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,5}/gu;
const cards = /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])/g;
/** Digits that may be a number to call; the rest is left to libphonenumber. */
const phones = /(?<![\w.])(?:\+|00|\(?0|\()?[\d(][\d\s()./-]{5,20}\d(?!\w)/g;
const cue =
	/(?:tel|phone|mobile|cell|call|fax|telefon|handy|mobil|whatsapp|number|nummer)\W{0,12}(?:is|ist)?\W{0,3}$/i;

/** Marks in their order; where two overlap, the first kind of keys, mail, cards and phones counts. */
export function findPersonal(text: string): readonly Mark[] {
	const marks: Mark[] = [];
	const add = (kind: PersonalKind, from: number, to: number): void => {
		if (!marks.some((mark) => from < mark.to && mark.from < to)) marks.push({ kind, from, to });
	};
	const each = (pattern: RegExp, use: (found: string, at: number) => void): void => {
		for (const match of text.matchAll(pattern)) use(match[0], match.index);
	};
	for (const pattern of keys)
		each(pattern, (found, at) => {
			add('key', at, at + found.length);
		});
	if (text.includes('@'))
		each(mail, (found, at) => {
			add('mail', at, at + found.length);
		});
	if (/\d/.test(text)) {
		each(cards, (found, at) => {
			if (isCard(found.replace(/\D/g, ''))) add('card', at, at + found.length);
		});
		each(phones, (found, at) => {
			if (isPhone(found, text.slice(Math.max(0, at - 30), at))) add('phone', at, at + found.length);
		});
	}
	return marks.sort((a, b) => a.from - b.from);
}

/** Luhn's checksum over 13 to 19 digits that do not all agree. */
export function isCard(digits: string): boolean {
	if (digits.length < 13 || digits.length > 19 || /^(\d)\1*$/.test(digits)) return false;
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		const digit = Number(digits[digits.length - 1 - i]);
		const doubled = i % 2 === 1 ? 2 * digit : digit;
		sum += doubled > 9 ? doubled - 9 : doubled;
	}
	return sum % 10 === 0;
}

/** With a country code by libphonenumber; otherwise after a word that announces it, or in the form of North America. */
function isPhone(found: string, before: string): boolean {
	const digits = found.replace(/\D/g, '');
	if (digits.length < 7 || digits.length > 15) return false;
	const isDate = /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$/.test(found.trim());
	if (isDate) return false;
	const international = found.startsWith('00') ? `+${found.slice(2)}` : found;
	if (international.startsWith('+')) return findPhoneNumbersInText(international).length > 0;
	if (cue.test(before)) return true;
	return /[ ()./-]/.test(found) && findPhoneNumbersInText(found, 'US').length > 0;
}

/** The text with each place of these kinds replaced by `[kind]`. */
export function redact(text: string, kinds: ReadonlySet<PersonalKind>): string {
	let result = '';
	let at = 0;
	for (const { kind, from, to } of findPersonal(text)) {
		if (!kinds.has(kind)) continue;
		result += `${text.slice(at, from)}[${kind}]`;
		at = to;
	}
	return result + text.slice(at);
}
