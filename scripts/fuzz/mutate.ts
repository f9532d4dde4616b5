/** @file Seeded mutations of bytes, JSON and text. */
import type { Random } from '#base/random.ts';

export const pick = <T>(chance: Random, list: readonly T[], otherwise: T): T =>
	list[Math.floor(chance.next() * list.length)] ?? otherwise;
export const below = (chance: Random, end: number): number => Math.floor(chance.next() * end);

const numbers = [0, 1, 2, 7, 127, 255, 256, 65535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** One to three changes: bits, bytes, words, cuts, repetitions, mostly near the start. */
export function mutateBytes(source: Uint8Array, chance: Random): Uint8Array {
	let bytes = source.slice();
	for (let i = below(chance, 3); i >= 0; i--) {
		const at = below(chance, chance.next() < 0.7 ? Math.min(bytes.length, 2048) : bytes.length);
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		switch (below(chance, 5)) {
			case 0:
				bytes[at] = (bytes[at] ?? 0) ^ (1 << below(chance, 8));
				break;
			case 1:
				bytes[at] = below(chance, 256);
				break;
			case 2:
				if (at + 4 <= bytes.length) view.setUint32(at, pick(chance, numbers, 0), true);
				break;
			case 3:
				bytes = bytes.slice(0, at);
				break;
			default:
				bytes = Uint8Array.from([
					...bytes.subarray(0, at),
					...bytes.subarray(Math.max(0, at - 64)),
				]);
		}
	}
	return bytes;
}

function strange(chance: Random): unknown {
	const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
	return pick<() => unknown>(
		chance,
		[
			() => null,
			() => -1,
			() => 0,
			() => 1.5,
			() => 1e300,
			() => 2 ** 31,
			() => '',
			() => 'x'.repeat(5000),
			() => '__proto__',
			() => [],
			() => ({}),
			() => true,
			() => nested(2000),
			() => Array<number>(2000).fill(0),
			() => ({ type: 'Sequence' }),
		],
		() => null,
	)();
}

/** A copy with one to four values replaced, dropped or doubled. */
export function mutateJson(source: unknown, chance: Random): unknown {
	const root: { value: unknown } = { value: structuredClone(source) };
	for (let i = below(chance, 4); i >= 0; i--) {
		let holder: Record<string, unknown> = root;
		let key = 'value';
		for (let depth = below(chance, 7); depth > 0; depth--) {
			const next = holder[key];
			if (typeof next !== 'object' || next === null) break;
			const inside = pick(chance, Object.keys(next), '');
			if (inside === '') break;
			holder = next as Record<string, unknown>;
			key = inside;
		}
		const now = holder[key];
		const way = below(chance, 5);
		if (way === 0 && holder !== root) Reflect.deleteProperty(holder, key);
		else if (way === 1 && Array.isArray(now))
			holder[key] = [...(now as unknown[]), ...(now as unknown[])];
		else if (way === 2 && typeof now === 'string') holder[key] = mutateText(now, chance);
		else holder[key] = strange(chance);
	}
	return root.value;
}

const scraps = [
	...[
		'{%',
		'%}',
		'{{',
		'}}',
		'(',
		')',
		'[',
		']',
		'{',
		'}',
		'*',
		'+',
		'?',
		'|',
		'\\',
		'$',
		'^',
		'.',
	],
	...[' ', '\n', '\r', '"', "'", ':', ',', 'data:', '0', '9', 'a', 'é', '😀', '\u0000', '{1,9}'],
];

/** One to four scraps put in, parts dropped, doubled or moved. */
export function mutateText(source: string, chance: Random): string {
	let text = source;
	for (let i = below(chance, 4); i >= 0; i--) {
		const at = below(chance, text.length + 1);
		const end = Math.min(text.length, at + below(chance, 40));
		const part = text.slice(at, end);
		text = pick(
			chance,
			[
				text.slice(0, at) + pick(chance, scraps, '') + text.slice(at),
				text.slice(0, at) + text.slice(end),
				text.slice(0, end) + part + text.slice(end),
				part + text.slice(0, at) + text.slice(end),
			],
			text,
		);
	}
	return text;
}
