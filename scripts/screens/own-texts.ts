/** @file What the walk through Models, Chat and Teach is given: a model of a few weights, a table and notes in each language. */
import { readFile } from 'node:fs/promises';

export const tinyModel = (): Promise<Uint8Array> =>
	readFile(new URL('../../tests/fixtures/tiny-chat.gguf', import.meta.url));

/** Names that the walk gives: of the model, and of the columns of its table. */
export const ownNames = ['tiny', 'question', 'answer'] as const;

/** The last row has no answer, which is said. */
const tableOf = (asked: (n: number) => string, answered: (n: number) => string): string =>
	[
		'question,answer',
		...Array.from({ length: 24 }, (_, i) => `${asked(i)},${answered(i)}`),
		`${asked(24)},`,
	].join('\n');

export const ownTexts = {
	en: {
		table: tableOf(
			(n) => `Where is key ${n}?`,
			(n) => `Under stone ${n}.`,
		),
		notes: 'The blue box stands in the shed. Ida keeps 4 keys in it, and takes one every Monday.',
	},
	zh: {
		table: tableOf(
			(n) => `钥匙 ${n} 在哪里？`,
			(n) => `在石头 ${n} 下面。`,
		),
		notes: '蓝色的箱子放在棚子里。里面有四把钥匙，每个星期一取走一把。电话：13800138000',
	},
	ja: {
		table: tableOf(
			(n) => `鍵 ${n} はどこ？`,
			(n) => `石 ${n} の下。`,
		),
		notes: '青い箱は小屋にあります。中に鍵が四本あり、月曜日ごとに一本取り出します。',
	},
} as const;
