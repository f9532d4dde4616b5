/** @file JavaScript functions: many are right, a function is judged by running it, and nothing is known without a sandbox. */
import { afterAll, describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import { openNodeSandbox } from '#platform/sandbox/node.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const sandbox = openNodeSandbox();
afterAll(sandbox.close);
const bare = openEnvironment('functions');
const functions = equipped(bare, sandbox);
describeEnvironment('functions', functions);

const item = { steps: ['double', 'keep-positive', 'sum'] };
const view = { plain: true };
const kindOf = async (code: string): Promise<string> =>
	(await scoreOf(functions, item, view, code)).verdict.kind;

describe('a function', () => {
	it('is told in words with an example', () => {
		const [message] = functions.open(item).first();
		expect(JSON.stringify(message)).toMatch(
			/takes a list of whole numbers, doubles every number, then keeps the numbers above 0, and returns their sum\. For example, solve\(\[[-\d,]+\]\) is \d+\./,
		);
	});

	it.each([
		[
			'function solve(a) { let s = 0; for (const n of a) if (n > 0) s += 2 * n; return s; }',
			'correct',
		],
		[
			'const solve = (a) => a.filter((n) => n > 0).map((n) => n + n).reduce((x, y) => x + y, 0)',
			'correct',
		],
		[
			'Here it is:\n```js\nconst solve = (a) => 2 * a.filter((n) => n > 0).reduce((x, y) => x + y, 0);\nconsole.assert(solve([1]) === 2);\n```\nDone.',
			'correct',
		],
		['const solve = (a) => a.reduce((x, y) => x + y, 0)', 'wrong'],
		// Right but for the empty list, on which it throws.
		[
			'const solve = (a) => a.filter((n) => n > 0).map((n) => 2 * n).reduce((x, y) => x + y)',
			'wrong',
		],
		['const solve = () => 0', 'wrong'],
		['function solve(a) { for (;;) {} }', 'wrong'],
		[
			'const solve = (a) => { const b = []; while (true) b.push(new Array(1000).fill(1)); }',
			'wrong',
		],
		['const solve = (a) => fetch("https://example.org")', 'wrong'],
		[
			'console.assert(false); const solve = (a) => 2 * a.filter((n) => n > 0).reduce((x, y) => x + y, 0)',
			'wrong',
		],
		['I cannot do that.', 'malformed'],
		['function other() {}', 'malformed'],
		['function solve() {}'.padEnd(5000), 'malformed'],
	] as const)('%j is %s', async (code, kind) => {
		expect(await kindOf(code)).toBe(kind);
	});

	it('is not right for what its task shows alone', async () => {
		for (let i = 0; i < 20; i++) {
			const drawn = functions.tasks.draw(1 + (i % 5), random(derive(1, i)));
			const [message] = functions.open(drawn).first();
			const told = typeof message === 'string' ? message : (message?.content ?? '');
			const [, list = '', result = ''] = /solve\((\[.*?\])\) is (\S+)\. Answer/.exec(told) ?? [];
			const parrot = `const solve = (a) => JSON.stringify(a) === '${list}' ? ${result} : ${result}`;
			expect((await scoreOf(functions, drawn, view, parrot)).verdict.kind).toBe('wrong');
		}
	});

	it('is unjudged without a sandbox, or where that is lost', async () => {
		const code = bare.reference.solve(item);
		expect((await scoreOf(bare, item, view, code)).verdict.kind).toBe('unjudged');
		const lost = { run: () => Promise.resolve({ kind: 'lost', reason: 'gone' } as const) };
		const { verdict } = await scoreOf(equipped(bare, lost), item, view, code);
		expect(verdict).toEqual({ kind: 'unjudged', reason: 'gone' });
	});

	it('gains nothing by one answer for all, or by all operations', async () => {
		const always = bare.reference.solve(item);
		const all = `const solve = (a) => a.map((n) => n * 2).map((n) => n + 1).map((n) => n * n).filter((n) => n % 2 === 0).slice(1)`;
		let right = 0;
		for (let i = 0; i < 30; i++) {
			const drawn = functions.tasks.draw(2 + (i % 4), random(derive(2, i)));
			for (const code of [always, all])
				right += Number((await scoreOf(functions, drawn, view, code)).verdict.kind === 'correct');
		}
		expect(right / 60).toBeLessThan(0.05);
	});

	it('is typed as its operations', () => {
		expect(functions.words.parse('double, keep-positive, sum')).toEqual({ item });
		for (const text of ['sum, double', 'constructor', 'double '.repeat(50)])
			expect(functions.words.parse(text)).toHaveProperty('error');
	});
});
