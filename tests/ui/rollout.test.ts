/** @file A rollout in words: who speaks, why it stopped, and rewards that nobody could judge. */
import { expect, test } from 'vitest';
import type { Rollout } from '#loop/rollout/rollout.ts';
import {
	hasTurns,
	rewardWords,
	speakerOf,
	stopWords,
	turnNote,
} from '../../src/ui/world/rollout.ts';
import { dialogue } from './stored-runs.ts';
import { language } from '#ui/language/language.svelte.ts';

await language.load('more');

test('a rollout has turns where the model spoke more than once', () => {
	expect(hasTurns(dialogue)).toBe(true);
	expect(hasTurns({ turns: dialogue.turns.slice(0, 3) })).toBe(false);
});

test('every turn says who speaks; the model is known by its sampling, with its seat if there are several', () => {
	expect(dialogue.turns.map((turn) => speakerOf(turn, dialogue))).toEqual([
		'system',
		'user',
		'model',
		'tool',
		'model',
	]);
	const [, , said] = dialogue.turns;
	if (!said) throw new Error('a turn was due');
	expect(speakerOf(said, { seat: 'critic' })).toBe('model as critic');
	expect(speakerOf({ ...said, sampled: false }, dialogue)).toBe('assistant, given');
	const recast = { ...dialogue, recast: true } as const;
	expect(recast.turns.map((turn) => speakerOf(turn, recast))).toEqual([
		...['system', 'user', 'model', 'tool', 'the same, put into its form by a rule'],
	]);
	expect(turnNote(said)).toBe('2 tokens, 77.9\u00a0% likely a token, on average (−0.250 nats)');
});

test('a text without roles is a task, and what the environment answers between the turns of the model', () => {
	const text = (content: string, sampled: boolean) => ({ role: 'text' as const, content, sampled });
	const turns = [
		text('aH,35<', false),
		text('a33$', true),
		text('!3<', false),
		text('a335$', true),
	];
	expect(turns.map((turn, i) => speakerOf(turn, { seat: 'solver' }, i === 0))).toEqual([
		'task',
		'model',
		'environment',
		'model',
	]);
});

test.each([
	['stop', ''],
	['length', 'cut off: the longest answer allowed'],
	['max-turns', 'ended: no turns were left'],
	['parse-error', 'ended: a reply could not be read'],
	['timeout', 'ended: its time was up'],
] satisfies [Rollout['stopReason'], string][])('%s is said in words', (stopReason, words) => {
	expect(stopWords({ stopReason })).toBe(words);
});

test('rewards are told by name; what nobody judged is not 0', () => {
	expect(rewardWords(dialogue)).toEqual([
		'correct 100\u00a0%',
		'format 50\u00a0% (weight 0.2)',
		'style not judged: <b>nobody</b> looked',
	]);
});
