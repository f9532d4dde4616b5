/** @file The fuzzer: each endless input built by hand, and a short run of mutated ones over every reader. */
import { afterAll, describe, expect, test } from 'vitest';
import { derive } from '#base/random.ts';
import { endless } from '../../scripts/fuzz/endless.ts';
import { isFine } from '../../scripts/fuzz/outcome.ts';
import { openChild } from '../../scripts/fuzz/pool.ts';
import { readers } from '../../scripts/fuzz/readers.ts';

const child = openChild({ time: 20_000, memory: 1500 << 20 });
afterAll(() => {
	child.close();
});

describe('an input built by hand', () => {
	test.each(endless)(
		'ends, named or sound: $name',
		async ({ name, reader }) => {
			const answer = await child.ask({ reader, seed: 0, byHand: name });
			expect(answer.kind, answer.message).toMatch(/^(sound|refused)$/);
		},
		30_000,
	);
});

describe('mutated inputs', () => {
	test.each(Object.keys(readers))(
		'of %s are read or refused by name',
		async (reader) => {
			for (let i = 0; i < 12; i++) {
				const question = { reader, seed: derive(2026, reader, i) };
				const answer = await child.ask(question);
				expect(isFine(answer), `${reader}:${question.seed} ${answer.message}`).toBe(true);
			}
		},
		30_000,
	);

	test('are the same for the same seed', async () => {
		const { chanceOf } = await import('../../scripts/fuzz/readers.ts');
		for (const reader of Object.values(readers))
			expect(await reader.make(chanceOf(7))).toEqual(await reader.make(chanceOf(7)));
	});
});

describe('a child process', () => {
	test('that takes too long is a hang, and the next input finds a new one', async () => {
		const hasty = openChild({ time: 1, memory: 1500 << 20 });
		try {
			expect(await hasty.ask({ reader: 'config', seed: 1 })).toMatchObject({ kind: 'hang' });
		} finally {
			hasty.close();
		}
	});

	test('that takes too much memory is told', async () => {
		const narrow = openChild({ time: 20_000, memory: 40 << 20 });
		try {
			const { kind } = await narrow.ask({ reader: 'config', seed: 1 });
			expect(['memory', 'crash']).toContain(kind);
		} finally {
			narrow.close();
		}
	});
});
