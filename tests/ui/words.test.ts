/** @file The page's sentences say what happens: what is practised, and what a run without the filter does. */
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import type { Phase } from '#loop/types.ts';
import { methods } from '#methods/registry.ts';
import { allSettings, isTold, methodNamed } from '../../src/ui/state/catalogue.ts';
import { World } from '../../src/ui/state/world.svelte.ts';
import { agreementOf, strideOf } from '../../src/ui/world/truth/no-filter.ts';
import { runsOnWords } from '../../src/ui/components/runs-on.ts';
import { markOf } from '../../src/ui/world/dome/mark.ts';
import { caption, headline } from '../../src/ui/world/words.ts';
import { environment, opening, runId, start } from './events.ts';

const settingsOf = (name: string) => {
	const method = methodNamed({ methods, environments: Object.values(environments) }, name);
	if (!method) throw new Error(name);
	return allSettings(method, environments.addition);
};

describe('a run without the filter', () => {
	test('turns one knob, and a second one only where the method climbs', () => {
		const settings = settingsOf('easy-to-hard');
		expect(agreementOf(settings)).toMatchObject({ name: 'agreement', value: true });
		expect(strideOf(settings)).toMatchObject({ name: 'stride', value: 1 });
		expect(strideOf(settingsOf('lmsi'))).toBeUndefined();
	});
	test('is none of a method that has no such filter', () => {
		expect(agreementOf(settingsOf('star'))).toBeUndefined();
	});
});

describe('the headline', () => {
	const english = environments.instructions.create({ answerTokens: 128, substance: true });
	test('where nothing is mastered says how much is right, and what came of it', () => {
		const ended = (correct: number) => {
			const world = new World();
			world.status = 'finished';
			world.scores = [36, correct].map((right, t) => ({
				...{ t, policy: 'p', frontier: 0, threshold: 0.9 },
				cells: [{ difficulty: 1, stratum: 'format', correct: right, n: 240 }],
			}));
			return headline(world, english, true);
		};
		expect(ended(91)).toBe(
			'This model follows 37.9\u00a0% of instructions. It began at 15\u00a0% and taught itself the rest.',
		);
		expect(ended(40)).toBe(
			'This model follows 16.7\u00a0% of instructions. It began at 15\u00a0%; the difference may be chance.',
		);
	});
	const at = (phase: Phase, difficulty: number, feedback = 'model') => {
		const world = new World();
		world.apply(opening);
		world.scores = [start];
		world.apply([
			{ type: 'began', runId, t: 1, phase: 'acquire', difficulty },
			{
				type: 'progress',
				runId,
				secondsLeft: null,
				progress: {
					kind: 'step',
					t: 1,
					phase: 'acquire',
					cell: `1-acquire/feedback/${feedback}`,
					done: 1,
					total: 1,
				},
			},
			{ type: 'began', runId, t: 1, phase, difficulty },
		]);
		const recipe = methods.find(({ getFeedback }) => getFeedback.cell.address.endsWith(feedback));
		return headline(world, environment, isTold(recipe));
	};
	test('says in the update phase what is practised, and who says that it is right', () => {
		const can = 'This model can add 3 digits.';
		expect(at('update', 4)).toBe(
			`${can} It is practising sums of 4 digits that it believes it solved.`,
		);
		expect(at('update', 1, 'environment')).toBe(
			`${can} It is practising sums of 1 digit that it was told it solved.`,
		);
	});
	test('below the easiest difficulty names what is practised, since its number says nothing', () => {
		const world = new World();
		const score = { ...{ t: 0, policy: 'p', frontier: 0, threshold: 0.9 } };
		const cell = { difficulty: 1, stratum: 'format', correct: 15, n: 100 };
		world.scores = [{ ...score, cells: [cell] }];
		world.difficulty = 1;
		expect(headline(world, english, true, 'acquire')).toBe(
			'This model follows 15\u00a0% of instructions. It is practising instructions of 1 constraint.',
		);
	});
	test('says in the others what it teaches itself, or practises again', () => {
		expect(at('acquire', 4)).toBe('This model can add 3 digits. It is teaching itself 4.');
		expect(at('evaluate', 3)).toBe(
			'This model can add 3 digits. It is practising sums of 3 digits.',
		);
	});
});

test('an update counts what it prepares until its first step', () => {
	const world = new World();
	world.apply(opening.slice(0, 3));
	world.phase = 'update';
	const cell = '3-update/in-weight/architecture';
	const step = { kind: 'step', t: 0, phase: 'update', cell, done: 3, total: 40 } as const;
	world.apply([{ type: 'progress', runId, secondsLeft: null, progress: step }]);
	expect(caption(world, environment, false)).toBe('It prepares its training: 3 of 40.');
	world.training = { done: 1, total: 40 };
	expect(caption(world, environment, false)).toBe('It trains: step 1 of 40.');
});

describe('an examination', () => {
	const examining = (done: number) => {
		const world = new World();
		world.apply(opening.slice(0, 3));
		const cell = '4-evaluate/quantitative';
		const step = { kind: 'step', t: 0, phase: 'evaluate', cell, done, total: 96 } as const;
		world.apply([{ type: 'progress', runId, secondsLeft: null, progress: step }]);
		return world;
	};
	test('counts the answers from the first one on', () => {
		const said = 'It sits an examination on sums it can never train on';
		expect(caption(examining(0), environment, false)).toBe(`${said}: 0 of 96 answered.`);
		const world = examining(37);
		expect(caption(world, environment, false)).toBe(`${said}: 37 of 96 answered.`);
		world.apply(opening.slice(3, 4));
		expect(caption(world, environment, false)).toMatch(
			/37 of 96 answered, 1 set of up to \d+ sums done\.$/,
		);
	});
	test('of a run that begins says nothing of the time that the recording had left', () => {
		const world = new World();
		world.begin('recorded');
		world.apply(opening);
		world.secondsLeft = 70;
		world.begin('live');
		expect(world.secondsLeft).toBeNull();
	});
});

describe('the mark of a run of one’s own', () => {
	test.each([
		['live here', 'running', 'Live'],
		['resumable', 'paused', 'Paused'],
		['resumable', 'stopped', 'Stopped'],
		['resumable', 'failed', 'Stopped'],
		['over', 'finished', 'Finished'],
		['gone', 'failed', 'Gone'],
		['not answering', 'running', 'Not answering'],
	] as const)('that is %s and %s is %s', (standing, status, name) => {
		expect(markOf(standing, status)).toMatchObject({ name, isLive: name === 'Live' });
	});
});

describe('what a run is computed on', () => {
	test.each([
		[
			'live',
			'kernel, 2 threads, weights in blocks of 4 or 8 bits',
			'onnx',
			'runs on your processor',
		],
		['live', 'WebGPU', 'tfjs, WebGPU', 'runs on your graphics card'],
		['live', 'watching', 'watching', 'another tab works'],
		['live', 'not open yet', 'not open yet', ''],
		['recorded', 'onnxruntime-node, 2 threads', 'onnx', 'recorded earlier'],
	] as const)('%s, %s: in words for everybody', (source, engine, trainer, words) => {
		expect(runsOnWords(source, engine, trainer)).toBe(words);
	});
});
