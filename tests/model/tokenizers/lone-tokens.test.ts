/** @file Added tokens with `single_word`: only where no letter, digit or underscore stands beside them. */
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { expect, test } from 'vitest';

const vocab = Object.fromEntries(
	[...'<unk>,c,a,t,o,n, ,_,.,é'.split(',')].map((one, i) => [one, i]),
);
const open = (over: object) =>
	hfTokenizer(
		{
			added_tokens: [
				{
					...{ id: 10, content: 'cat', special: false, normalized: false },
					...{ single_word: true, lstrip: false, rstrip: false, ...over },
				},
			],
			...{ normalizer: null, pre_tokenizer: null, post_processor: null, decoder: { type: 'Fuse' } },
			model: { type: 'BPE', vocab, merges: [], unk_token: '<unk>' },
		},
		{ endToken: 0, padToken: 0 },
	);

// by the rule of the tokenizers library: `add_tokens([AddedToken("cat", single_word=True)])`
test.each([
	['cat', [10]],
	['cat cat', [10, 6, 10]],
	['a cat.', [2, 6, 10, 8]],
	['concat', [1, 4, 5, 1, 2, 3]],
	['cats_cat', [1, 2, 3, 0, 7, 1, 2, 3]],
	['écat', [9, 1, 2, 3]],
	['catcat', [1, 2, 3, 1, 2, 3]],
])('%j is %j', (text, ids) => {
	const { encode, decode } = open({});
	expect(encode(text)).toEqual(ids);
	if (!ids.includes(0)) expect(decode(ids)).toBe(text);
});

test('takes the spaces beside it if the file says so', () => {
	expect(open({ lstrip: true }).encode('a  cat a')).toEqual([2, 10, 6, 2]);
	expect(open({ rstrip: true }).encode('a cat  a')).toEqual([2, 6, 10, 2]);
	expect(open({ single_word: false }).encode('concat')).toEqual([1, 4, 5, 10]);
});
