/** @file List programs: an interpreter that always ends, answers that are verified by running them, and second attempts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import { environmentFor } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import { letters, run, trace } from '#environments/programs/language.ts';
import { explain, hiddenInputs, wayBack } from '#environments/programs/search.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const environment = openEnvironment('list-programs');
describeEnvironment('list-programs', environment);
describeEnvironment(
	'list-programs:mode=abduction',
	openEnvironment('list-programs', { mode: 'abduction', attempts: 1 }),
);

const view = { offset: 0, turned: 0 };
const programs = fc.string({
	unit: fc.constantFrom(...Array.from(letters)),
	minLength: 1,
	maxLength: 10,
});
const lists = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), maxLength: 6 });
const verdictOf = async (item: Item, completion: string, at: View = view) =>
	(await scoreOf(environment, item, at, completion)).verdict.kind;
const deduction = { mode: 'deduction', program: 'RA', input: '3514' };
const abduction = { mode: 'abduction', program: 'RA', output: '5264' };
const induction = {
	mode: 'induction',
	inputs: ['3514', '129', '70'],
	outputs: ['5264', '032', '18'],
};

describe('the interpreter', () => {
	it.each([
		['R', '3514', '4153'],
		['S', '3514', '1345'],
		['H', '3514', '514'],
		['T', '3514', '351'],
		['A', '3594', '4605'],
		['D', '3514', '6028'],
		['E', '3514', '4'],
		['W', '35', '3535'],
		['RA', '3514', '5264'],
		['HT', '3', ''],
	])('runs %s on %s', (program, input, output) => {
		expect(run(program, input)).toBe(output);
	});

	it('ends a program that would grow and grow, and one with a letter that is none', () => {
		expect(trace('W'.repeat(40), '12')).toEqual({ error: 'it takes more than 200 steps' });
		expect(run('W'.repeat(40), '12')).toBeUndefined();
		expect(run('RX', '12')).toBeUndefined();
	});

	it('finds a way back from any output, if nothing was left out or written twice before', () => {
		fc.assert(
			fc.property(programs, lists, (program, input) => {
				const output = run(program, input);
				if (output === undefined || output.length > 6 || input.length > 4) return;
				const back = wayBack(program, output);
				if (back) expect(run(program, back.at(-1) ?? '')).toBe(output);
				else expect(program).toMatch(/[EW]/);
			}),
			{ seed: 1, numRuns: 500 },
		);
	});

	it('explains pairs by the shortest program that fits', () => {
		expect(explain(induction)).toEqual({ program: 'RA', isClear: true });
		expect(explain({ inputs: ['12', '5'], outputs: ['999', '7'] })).toBeNull();
	});
});

describe('problems', () => {
	it('are written with marks, and answered with the list after each of them', () => {
		const { answers, reference } = environment;
		const asked = (item: Item): readonly unknown[] => [
			environment.open(item, view).first(),
			answers.write(item, view, reference.solve(item)),
		];
		expect(asked(deduction)).toEqual(['aRbA,3514=', 'a4153b5264$']);
		expect(asked(abduction)).toEqual(['aRbA,5264<', 'b4153a3514$']);
		expect(asked(induction)).toEqual(['a354b521c165d443;a109b232c921;a710b087~', 'RA$']);
	});

	it('never hold their answer', () => {
		for (let i = 0; i < 200; i++) {
			const item = environment.tasks.draw(3, random(i));
			const known = Object.keys(item).sort().join();
			expect(['input,mode,program', 'mode,output,program', 'inputs,mode,outputs']).toContain(known);
		}
	});

	it('are right with any input that gives the output', async () => {
		const item = { mode: 'abduction', program: 'H', output: '35' };
		for (const input of ['335', '935', '035'])
			expect(await verdictOf(item, `a${input}$`)).toBe('correct');
		expect(await verdictOf(item, 'a353$')).toBe('wrong');
	});

	it('are right with any program that does the same on inputs that nobody was shown', async () => {
		for (const program of ['RA', 'AR', 'RRRA'])
			expect(await verdictOf(induction, `${program}$`)).toBe('correct');
		// All shown lists are sorted backwards by reversing; the hidden ones are not.
		const sorted = { mode: 'induction', inputs: ['123', '57'], outputs: ['321', '75'] };
		expect(await verdictOf(sorted, 'R$')).toBe('correct');
		expect(await verdictOf(sorted, 'SR$')).toBe('wrong');
		expect(hiddenInputs(sorted)).toHaveLength(3);
	});

	it.each([
		['a4153b5264', 'no end mark'],
		['b4153a5264$', 'step 1 is not marked a'],
		['a4153$', 'step 2 is not marked b'],
		['a4153b5264c1$', 'text after the last step'],
	])('say what is wrong with the form of %s', (text, reason) => {
		expect(environment.answers.read(deduction, view, text)).toEqual({ malformed: reason });
	});

	it('cannot be answered by one constant, or by the longest answer', async () => {
		let right = 0;
		for (let i = 0; i < 300; i++) {
			const item = environment.tasks.draw(2, random(i));
			const [at = view] = environment.tasks.views(item, 1, random(i));
			for (const answer of ['1', '999999', 'R', 'RSHTADEW'])
				if ((await verdictOf(item, environment.answers.write(item, at, answer), at)) === 'correct')
					right++;
		}
		expect(right / 1200).toBeLessThan(0.03);
	});
});

describe('attempts', () => {
	const say = async (item: Item, replies: readonly string[], attempts = 3): Promise<unknown> => {
		const dialogue = openEnvironment('list-programs', { attempts }).open(item, view);
		let said: unknown = dialogue.first();
		for (const content of replies) said = await dialogue.next({ role: 'assistant', content });
		return said;
	};

	const shown = 'a354b521c165d443;a109b232c921;a710b087~';

	it('are run, and what came out instead is said', async () => {
		expect(await say(abduction, ['b4152a2514$'])).toBe('aRbA,5264<b4152a2514$!5263<');
		expect(await say(abduction, ['b4152$'])).toBe('aRbA,5264<b4152$!?<');
		expect(await say(induction, ['A$'])).toBe(`${shown}A$!a344b561c125d453~`);
		expect(await say(induction, ['A$', 'X$'])).toBe(`${shown}A$!a344b561c125d453~X$!?~`);
	});

	it('end with one that does what was shown, with the last, and with one that is repeated', async () => {
		expect(await say(abduction, ['b4153a3514$'])).toBeNull();
		expect(await say(induction, ['RA$'])).toBeNull();
		expect(await say(induction, ['A$', 'T$'], 2)).toBeNull();
		expect(await say(induction, ['A$', 'A$'])).toBeNull();
	});

	it('are not told whether a program is right where nobody was shown it, nor whether an output is', async () => {
		const sorted = { mode: 'induction', inputs: ['123', '57'], outputs: ['321', '75'] };
		expect(await say(sorted, ['SR$'])).toBeNull();
		expect(await say(deduction, ['a1b2$'])).toBeNull();
	});

	it('go on without the scorer and the reference', async () => {
		const blind = environmentFor(environment, []);
		expect(blind).not.toHaveProperty('reference');
		expect(blind).not.toHaveProperty('score');
		const next = blind.open(abduction, view).next({ role: 'assistant', content: 'b1a1$' });
		expect(await next).toBe('aRbA,5264<b1a1$!2<');
	});

	it('are shown as a conversation that the environment has, too, and end in a right answer', async () => {
		const stream = random(5);
		let mistakes = 0;
		for (let i = 0; i < 300; i++) {
			const item = environment.tasks.draw(stream.integer(1, 4), stream);
			const [at = view] = environment.tasks.views(item, 1, stream);
			const spoken = environment.reference.conversation(item, at, stream);
			const dialogue = environment.open(item, at);
			let text = shownPrompt(dialogue.first());
			for (const { by, content, learnt } of spoken) {
				if (by === 'model') {
					const isLast = content === spoken.at(-1)?.content;
					expect(learnt).toBe(isLast);
					if (!learnt) mistakes++;
					const next = await dialogue.next({ role: 'assistant', content });
					text += content;
					if (isLast) expect(await verdictOf(item, content, at)).toBe('correct');
					else expect(shownPrompt(next ?? '').startsWith(text)).toBe(true);
				} else text += content;
			}
		}
		expect(mistakes).toBeGreaterThan(60);
	});
});
