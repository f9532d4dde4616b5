/** @file Server-sent events, however the bytes come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventData } from '#engines/endpoint/server-sent-events.ts';

describe('server-sent events', () => {
	test('give the same data wherever the bytes are cut', async () => {
		const text =
			': hi\r\n\r\ndata: {"a":"é"}\n\nevent: x\ndata:one\rdata: two\r\rdata\n\nid: 3\n\ndata: last';
		const bytes = new TextEncoder().encode(text);
		await fc.assert(
			fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
				const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
				async function* pieces() {
					for (let i = 1; i < at.length; i++) yield bytes.subarray(at[i - 1], at[i]);
				}
				const found: string[] = [];
				for await (const data of eventData(pieces())) found.push(data);
				expect(found).toEqual(['{"a":"é"}', 'one\ntwo', '', 'last']);
			}),
		);
	});
});
