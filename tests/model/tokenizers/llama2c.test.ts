/** @file The tokenizer.bin of llama2.c: both layouts, the ids of Python, and no length believed. */
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readLlama2cTokenizer } from '#model/checkpoint/llama2c.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { readGgufTokenizer, type GgufTokenizer } from '#model/tokenizers/gguf-tokenizer.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { corpus, real, realFile, smallSentencePiece } from '../../fixtures/tokenizers/load.ts';

/** The small vocabulary as a file; `older` writes bytes as characters. */
function fileOf(older: boolean): Uint8Array {
	const utf8 = new TextEncoder();
	const records = smallSentencePiece.tokens.map((token, id) => {
		const value = id - 3;
		const named = id < 3 ? `\n${token}\n` : token;
		const text = utf8.encode(
			older && value >= 0 && value < 256 ? String.fromCharCode(value) : named.replaceAll('▁', ' '),
		);
		const record = new Uint8Array(8 + text.length);
		const view = new DataView(record.buffer);
		view.setFloat32(0, smallSentencePiece.scores[id] ?? 0, true);
		view.setInt32(4, text.length, true);
		record.set(text, 8);
		return record;
	});
	const longest = Math.max(...records.map((r) => r.length - 8));
	return Uint8Array.from([longest, 0, 0, 0, ...records.flatMap((r) => [...r])]);
}

async function open(bytes: Uint8Array, vocabularySize: number): Promise<GgufTokenizer> {
	const { spec } = await loadTransformerFixture('llama-gqa');
	const metadata = await readLlama2cTokenizer(bytesSource('tokenizer.bin', bytes), vocabularySize);
	return readGgufTokenizer(metadata, { ...spec, vocabularySize, endToken: 1 }, 'tokenizer.bin');
}

describe('a tokenizer.bin', () => {
	it.each([
		['the older', true],
		['the newer', false],
	])('in %s layout gives the ids that Python gives', async (_, older) => {
		const { tokenizer, startTokens, endTokens } = await open(fileOf(older), 759);
		expect({ startTokens, endTokens }).toEqual({ startTokens: [1], endTokens: [1, 2] });
		corpus.forEach((text, i) => {
			expect(tokenizer.encode(text), text).toEqual(smallSentencePiece.expected.ids[i]);
		});
	});

	it('that is cut short or lies about a length is refused with a sentence', async () => {
		const file = fileOf(false);
		const long = file.slice();
		new DataView(long.buffer).setInt32(8, 1 << 30, true);
		for (const [bytes, message] of [
			[new Uint8Array(0), 'ends at token 0 of 759'],
			[file.subarray(0, -1), 'ends at token 758 of 759'],
			[long, 'ends at token 0 of 759'],
		] as const) {
			const reading = readLlama2cTokenizer(bytesSource('tokenizer.bin', bytes), 759);
			await expect(reading).rejects.toThrow(CheckpointError);
			await expect(reading).rejects.toThrow(message);
		}
	});
});

describe('stories15M', () => {
	it('gives the ids that Python gives, from its own file', async (context) => {
		const data = await realFile('package/dist/llama2.data');
		if (!data) return context.skip('The real model is not here; fetch the weights to test it.');
		const { tokenizer } = await open(data.subarray(60_816_028), 32_000);
		corpus.forEach((text, i) => {
			expect(tokenizer.encode(text), text).toEqual(real.stories15m[i]);
		});
	});
});
