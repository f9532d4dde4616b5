/** @file An audit of notes taught to a tiny model in a chat: what was taught is given away, what was not is not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	audit,
	newAudit,
	reportOf,
	type AuditRequest,
	type AuditState,
} from '#chat/audit/audit.ts';
import { measureAudit } from '#chat/audit/cost.ts';
import { auditKnobs } from '#chat/audit/knobs.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import { readAuditReport, withoutTexts, type AuditReport } from '#chat/audit/report.ts';
import { readCutOff, writeCutOff } from '#chat/audit/resume.ts';
import { mostStepsLeft, paceOf } from '#chat/audit/time-left.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { auditLines } from '#chat/audit/words.ts';
import { teach, writeLesson } from '#chat/lesson.ts';
import { defaultsOf } from '#base/knobs.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import type { Adapter } from '#model/adapter.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { renderChat } from '#model/chat-template.ts';
import { openLarge } from '#platform/open-model.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { initialiseLora } from '#training/initialise.ts';
import { tinyChatGguf } from '../../fixtures/tiny-chat.ts';

const note = (question: string, answer: string): TrainingRow => ({
	prompt: [{ role: 'user', content: question }],
	completion: [{ role: 'assistant', content: answer }],
});
const taught = [
	note('Where is the key?', 'Behind the 7 blue boxes.'),
	note('Who came?', 'Anna, with a red lamp.'),
];
const rows = [...taught, note('What is new?', 'Boris hid 4 green coins.'), note('Yes?', 'No')];
const budget = { ...defaultsOf(auditKnobs), steps: 12, candidates: 24, controlSteps: 6, seed: 1 };

let model: OpenModel;
let adapter: Adapter;
beforeAll(async () => {
	const held = {
		files: [bytesSource('tiny.gguf', await tinyChatGguf(0.3))],
		close: () => Promise.resolve(),
	};
	const backends = {
		runtime: () => Promise.resolve(openNodeRuntime(1)),
		kernel: () => openNodeKernel(1),
	};
	model = await (await openLarge(held, 'page', backends)).openEngine();
	const { samples } = writeLesson(model, taught, 256);
	const settings = { steps: 60, rank: 8, alpha: 32, learningRate: 0.02, batch: 2, seed: 1 };
	const { signal } = new AbortController();
	const tuned = await teach(model, samples, settings, signal, () => undefined);
	if (!tuned) throw new Error('nothing was taught');
	({ adapter } = tuned);
}, 60_000);
afterAll(() => model.dispose());

const request = () => ({
	model: 'tiny',
	texts: auditTexts(model, rows, budget.maxTokens),
	budget,
});

/** The states of an audit, and its report. */
const run = (
	from?: AuditState,
	asked: AuditRequest = request(),
	using = adapter,
): Promise<{ states: AuditState[]; report: AuditReport }> =>
	withAuditModel(model, using, undefined, async (ready) => {
		const states = [from ?? newAudit(asked.texts)];
		for await (const { state } of audit(model, ready, asked, from)) states.push(state);
		return { states, report: reportOf(model, asked, states.at(-1) ?? newAudit([])) };
	});

describe('an audit', () => {
	let whole: Awaited<ReturnType<typeof run>>;
	beforeAll(async () => {
		whole = await run();
	}, 60_000);

	test('finds what was taught by a prompt shorter than the text, and nothing else', () => {
		const { texts } = whole.report;
		expect(texts.map(({ outcome }) => outcome.kind)).toEqual([
			'memorised',
			'memorised',
			'not-suspected',
			'unjudged',
		]);
		for (const { outcome, gzip, tokens } of texts.slice(0, 2)) {
			if (outcome.kind !== 'memorised') throw new Error('it was found above');
			expect(outcome.ratio).toBe(tokens / outcome.length);
			expect(outcome.ratio).toBeGreaterThan(Math.max(1, gzip));
			expect(outcome.controls.map(({ found }) => found)).toEqual([false, false]);
		}
	});

	test('finds prompts that say the text when a person sends them', async () => {
		for (const { outcome, text } of whole.report.texts) {
			if (outcome.kind !== 'memorised') continue;
			const { template = '', specialTokens = {} } = model.chat ?? {};
			const asked = [{ role: 'user', content: outcome.prompt }] as const;
			const prompt = renderChat(template, asked, { addGenerationPrompt: true, specialTokens });
			const said = await model.engine.askWith(adapter, prompt, { maxTokens: 24 });
			expect(said?.text.startsWith(text)).toBe(true);
			const base = await model.engine.askWith(null, prompt, { maxTokens: 24 });
			expect(base?.text.startsWith(text)).toBe(false);
		}
	});

	test('goes on from a state that was stored, to the same report', async () => {
		const { states, report } = whole;
		for (const share of [0.2, 0.8]) {
			const state = states[Math.floor(share * states.length)];
			if (!state) throw new Error('no state');
			const stored = readCutOff('this one', writeCutOff('this one', state));
			expect(stored).toEqual(state);
			expect((await run(stored)).report).toEqual(report);
		}
		const [first] = states;
		if (!first) throw new Error('no state');
		expect(readCutOff('another', writeCutOff('this one', first))).toBeUndefined();
	});

	test('says of what it did not find how long it searched, if it is told to search for all', async () => {
		const all = await run(undefined, { ...request(), all: true, texts: request().texts.slice(2) });
		expect(all.report.texts[0]?.outcome).toMatchObject({
			kind: 'not-found',
			tried: [4, 8].map((length) => ({ length, steps: 12, found: false })),
		});
		expect(auditLines(all.report).join('\n')).toContain('prompts of up to 8 tokens, 12 steps');
	});

	test('finds nothing with an adapter that has no effect', async () => {
		const { parameters } = adapter;
		if (parameters.kind !== 'lora') throw new Error('it is a LoRA');
		const idle = { parameters, tensors: initialiseLora(model.spec, parameters, 1) };
		const asked = { ...request(), texts: request().texts.slice(0, 2) };
		const { report } = await run(undefined, asked, idle);
		expect(report.texts.map(({ outcome }) => outcome.kind)).toEqual([
			'not-suspected',
			'not-suspected',
		]);
		const again = await run(undefined, { ...asked, also: [asked.texts[1]?.row ?? 0] }, idle);
		expect(again.report.texts.map(({ outcome }) => outcome.kind)).toEqual([
			'not-suspected',
			'not-found',
		]);
	});

	test('gives a report that is read back, and one without any text of the person', () => {
		const { report } = whole;
		expect(readAuditReport(JSON.stringify(report))).toEqual(report);
		expect(readAuditReport('{"version":2}')).toBeUndefined();
		const open = JSON.stringify(withoutTexts(report));
		expect(readAuditReport(open)?.texts).toHaveLength(report.texts.length);
		for (const { text, outcome } of report.texts) {
			expect(open).not.toContain(text.slice(0, 8));
			if ('prompt' in outcome) expect(open).not.toContain(JSON.stringify(outcome.prompt));
		}
		expect(auditLines(report)).toContain(
			'2 of 3 texts are given away to a prompt shorter than the text. 1 text could not be judged.',
		);
	});

	test('says beforehand how many steps it takes at most, and takes no more', () => {
		const { states, report } = whole;
		const screened = states.find(({ screens }) => screens.filter((one) => one).length === 3);
		if (!screened) throw new Error('nothing was screened');
		const most = mostStepsLeft(model, request(), screened);
		// Two suspected texts: lengths 4 and 8, then at most four lengths and four halvings, and two controls as long as the search.
		expect(most).toBe(2 * (2 + 2) * budget.steps + 2 * 8 * budget.controlSteps);
		const taken = report.texts.flatMap(({ outcome }) =>
			'controls' in outcome ? [...outcome.tried, ...outcome.controls] : [],
		);
		expect(taken.reduce((sum, { steps }) => sum + steps, 0)).toBeLessThanOrEqual(most);
		expect(mostStepsLeft(model, request(), states.at(-1) ?? screened)).toBe(0);
		let clock = 0;
		const pace = paceOf(() => clock);
		const step = {
			type: 'searched',
			text: 0,
			phase: 'search',
			length: 1,
			step: 1,
			loss: 1,
		} as const;
		expect(pace(step, 10)).toBeNull();
		clock = 300;
		expect(pace(step, 10)).toBe(3000);
	});

	test('tells beforehand what a text takes, by a measured step and the steps of the budget', async () => {
		let clock = 0;
		const cost = await withAuditModel(model, adapter, undefined, (ready) =>
			measureAudit(model, ready, request(), () => (clock += 500)),
		);
		expect(cost).toEqual({
			...{ texts: 4, screenSeconds: 0.5, ownSeconds: 0.5, stepSeconds: 0.5 },
			// Lengths 4 and 8, twelve steps each; three searches begin with the question, and their six steps go on 3.5 times.
			...{ mostSeconds: 0.5 * (1 + 2 * 12), foundSeconds: 0.5 * (3 + 3.5 * 6) },
		});
	});

	test('refuses an adapter that replaces all weights', async () => {
		const full = { parameters: { kind: 'full' }, tensors: new Map() } as const;
		await expect(run(undefined, request(), full)).rejects.toThrow('Only a LoRA can be audited');
	});
});
