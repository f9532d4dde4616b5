/** @file What the worker and the terminal say of own text, in Chinese and Japanese: data, training, verdicts, audit, forgetting. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Knob, Knobs } from '#base/knobs.ts';
import { trainingKnobs } from '#base/training-knobs.ts';
import { auditKnobs } from '#chat/audit/knobs.ts';
import type { AuditedText, Outcome } from '#chat/audit/report.ts';
import { auditBudgetWords, auditSentences, outcomeWords } from '#chat/audit/words.ts';
import { formats } from '#dataset/formats.ts';
import { importFiles } from '#dataset/import.ts';
import { auditSizes } from '#teach/audit/sizes.ts';
import { forgottenVerdict, forgottenWords, type ForgottenText } from '#teach/forget/words.ts';
import { presets } from '#teach/presets.ts';
import { verdictOf, type Examination, type Figure } from '#teach/verdict.ts';
import { language, said } from '#ui/language/language.svelte.ts';
import { answerKnobs, lessonKnobs } from '#ui/panels/chat/knobs.ts';
import { report } from '../audit-report.ts';
import { latinSentences } from './latin.ts';

/** Fails for a text that stayed as it was, or holds a sentence of English outside of quotation marks. */
function expectSaid(text: string): void {
	const own = said(text);
	// What the browser says of a text that is no JSON stays as it is.
	const words = own.replace(/"[^"]*"|（[^）]* JSON [^）]*）/g, '');
	expect(own, text).not.toBe(text);
	expect(latinSentences(words), text).toEqual([]);
}

describe.each(['zh', 'ja'] as const)('%s', (tag) => {
	beforeAll(async () => {
		await language.choose(tag);
		for (const part of ['more', 'knobs', 'problems', 'teach'] as const) await language.load(part);
	});
	afterAll(() => language.choose('en'));

	test('names and explains the knobs of training, answers and audits', () => {
		const sets: readonly Knobs[] = [trainingKnobs, answerKnobs, lessonKnobs, auditKnobs];
		for (const { label, help } of sets.flatMap((knobs) => Object.values<Knob>(knobs))) {
			expect(latinSentences(said(label, 'knob').replace(/^(Top|Min) \w$/, '')), label).toEqual([]);
			if (!/^(Top p|Top k|Min p|Alpha)$/.test(label))
				expect(said(label, 'knob'), label).not.toBe(label);
			expectSaid(help);
		}
	});

	test('names formats, presets and sizes of an audit', () => {
		for (const title of Object.values(formats))
			if (!['Alpaca', 'ShareGPT'].includes(title)) expectSaid(title);
		for (const { title, about } of [...Object.values(presets), ...Object.values(auditSizes)]) {
			expectSaid(title);
			expectSaid(about);
		}
	});

	test('says every verdict of an examination', () => {
		const figure = (before: number, after: number, n = 24): Figure => {
			const mean = after - before;
			return { before, after, difference: { mean, low: mean - 0.01, high: mean + 0.01, n } };
		};
		const losses = [figure(3, 2), figure(2, 3), figure(2, 2), figure(2, 2, 1)];
		const plains = [undefined, figure(3, 3), figure(3, 3.5)];
		const kept = [undefined, figure(0.5, 0.5), figure(0.5, 0.2)];
		const sentences = new Set<string>();
		for (const on of ['validation', 'training'] as const)
			for (const loss of losses)
				for (const plain of plains)
					for (const instructions of kept) {
						const found: Examination = {
							...{ on, seed: 1, loss, shown: [] },
							...(plain && { plain }),
							...(instructions && { instructions }),
						};
						sentences.add(verdictOf(found).sentence);
					}
		expect(sentences.size).toBeGreaterThan(20);
		for (const sentence of sentences) expectSaid(sentence);
	});

	test('says what an audit found, of each text and of the whole', () => {
		for (const text of report.texts) expectSaid(outcomeWords(text.outcome, text));
		const of = (outcome: Outcome, part: Partial<AuditedText> = {}): AuditedText => ({
			...{ row: 1, answer: 1, text: '', tokens: 20, isCut: false, gzip: 1, screen: null, outcome },
			...part,
		});
		for (const reason of ['too-short', 'no-prompt', 'no-twin', 'stopped'] as const) {
			const outcome: Outcome = { kind: 'unjudged', reason };
			expectSaid(outcomeWords(outcome, of(outcome)));
		}
		const guilty = report.texts.filter(({ outcome }) => outcome.kind === 'memorised');
		const open = report.texts.filter(({ outcome }) => outcome.kind === 'unjudged');
		const innocent = report.texts.filter(({ outcome }) => outcome.kind === 'not-suspected');
		for (const texts of [
			...[report.texts, [], guilty, innocent, open],
			...[
				[...guilty, ...guilty],
				[...open, ...open],
			],
		])
			for (const sentence of auditSentences({ ...report, texts })) expectSaid(sentence);
		for (const searched of ['all', 'suspected'] as const)
			expectSaid(auditBudgetWords({ ...report, searched }));
		const cleared = report.texts.flatMap((text) =>
			text.screen ? [{ ...text, screen: { ...text.screen, isSuspected: false } }] : [],
		);
		expect(auditBudgetWords({ ...report, texts: cleared })).toContain('came out before');
		expectSaid(auditBudgetWords({ ...report, texts: cleared }));
		for (const { budget } of Object.values(auditSizes))
			expectSaid(auditBudgetWords({ ...report, budget }));
	});

	test('says what was forgotten', () => {
		const kinds = ['memorised', 'not-found', 'not-suspected', 'unjudged'] as const;
		const texts = kinds.flatMap((before) =>
			kinds.flatMap((after): readonly ForgottenText[] =>
				[true, false, null].map((retried) => ({ before, after, retried })),
			),
		);
		for (const text of texts) {
			expectSaid(forgottenWords(text));
			for (const list of [[text], [text, text]]) expectSaid(forgottenVerdict(list));
		}
		for (let n = 2; n < texts.length; n++) expectSaid(forgottenVerdict(texts.slice(n - 2, n)));
	});

	test('says what is wrong with files', async () => {
		const files = [
			['a.jsonl', '{"messages": []}\n{"a": 1}\n{\n"x"\n{"prompt": "a", "completion": ""}\n'],
			['b.csv', 'question,answer\nWho?,\n,Ida\n'],
			['c.csv', 'x,y\n1,2\n'],
			['d.pdf', '%PDF-1.7'],
			['e.docx.doc', '\u00d0\u00cf\u0011\u00e0'],
			['f.txt', '  '],
			[
				'g.jsonl',
				'{"chosen": "a", "rejected": "a", "prompt": "b"}\n{"chosen": "a", "rejected": "b"}\n',
			],
		] as const;
		const { problems } = await importFiles(
			files.map(([name, text]) => ({
				name,
				blob: new Blob([Uint8Array.from(text, (letter) => letter.charCodeAt(0))]),
			})),
		);
		expect(problems.length).toBeGreaterThan(8);
		for (const { message } of problems) expectSaid(message);
	});
});
