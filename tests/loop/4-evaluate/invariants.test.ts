/** @file Invariants: a fault that never came must not come, a single answer undoes an update, and what failed before may fail. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { openEnvironment } from '#environments/registry.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import type { Score } from '#loop/types.ts';
import { readPrompt, solve, testWorld, addition } from '../world.ts';

const environment = openEnvironment('addition');
const knobs = { ...defaultsOf(qualitative.knobs), examined: 30, span: 'practised' } as const;
/** Drops a carry in sums that end in these two digits on either side. */
const forgetful =
	(isWrong: (a: string, b: string) => boolean) =>
	(prompt: string): string => {
		const { a, b } = readPrompt(prompt);
		const carries = Number(a.slice(-1)) + Number(b.slice(-1)) >= 10;
		return carries && isWrong(a, b)
			? solve(addition, prompt, String(BigInt(a) + BigInt(b) - 10n))
			: solve(addition, prompt);
	};
async function evaluate(never: string, script: (prompt: string) => string, accepted: Score | null) {
	const { context, world } = testWorld({ script });
	const at = context({ t: accepted ? 1 : 0, accepted, world: { ...world, environment } });
	return qualitative.create({ ...knobs, never })([], at);
}
const clean = forgetful(() => false);
const once = forgetful((a) => a.length > 8);

test('an update after which the fault comes up where it never did is undone, by however few answers', async () => {
	const before = (await evaluate('drops-carry', clean, null)).report.score;
	const broken = await evaluate('drops-carry', once, before);
	expect(broken.decision.accept).toBe('roll-back');
	expect('why' in broken.decision && broken.decision.why).toMatch(
		/^at difficulty \d+ \(\w+\) it drops a carry in \d+ of \d+, where it never did$/,
	);
	expect(broken.objective.why).toContain('rolled back');
	expect((await evaluate('none', once, before)).decision).toEqual({ accept: 'keep' });
	expect((await evaluate('drops-carry', clean, before)).decision).toEqual({ accept: 'keep' });
});

test('what failed in that way before is no invariant, and what was not mastered is none either', async () => {
	const silent = (prompt: string) => (readPrompt(prompt).a.length > 8 ? '?' : clean(prompt));
	const unable = (await evaluate('drops-carry', silent, null)).report.score;
	expect((await evaluate('drops-carry', once, unable)).decision).toEqual({ accept: 'keep' });
	const before = (await evaluate('drops-carry', once, null)).report.score;
	expect((await evaluate('drops-carry', once, before)).decision).toEqual({ accept: 'keep' });
});

test('a fault that the environment does not know is refused with those that it does', () => {
	return expect(() => evaluate('jumps', clean, null)).rejects.toThrow(/drops-carry.*got "jumps"/);
});

test('the direction that a run was given stands in every objective', async () => {
	const { context } = testWorld({ script: clean });
	for (const [aim, written] of [
		['performance', 'improve-performance'],
		['feedback', 'adapt-to-feedback'],
		['knowledge', 'expand-knowledge'],
		['safety', 'enhance-safety'],
	] as const) {
		const cell = quantitative.create({ ...defaultsOf(quantitative.knobs), examined: 4, aim });
		expect((await cell([], context({ t: 0 }))).objective.direction).toBe(written);
	}
});
