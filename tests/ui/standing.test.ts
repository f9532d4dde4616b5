/** @file What the page may say and offer, as a table of facts. */
import { describe, expect, test } from 'vitest';
import { canDo, standingOf, type Facts, type Standing } from '../../src/ui/state/standing.ts';

const calm: Facts = {
	...{ source: 'live', status: 'running' },
	...{ trains: true, answers: true, isStored: true, acting: false },
};

describe('the standing of the page', () => {
	test.each<readonly [Partial<Facts>, Standing, readonly string[]]>([
		[{}, 'live here', ['pause', 'stop']],
		[{ status: 'pausing' }, 'live here', ['stop']],
		[{ trains: false }, 'live elsewhere', ['pause', 'stop']],
		[{ answers: false }, 'not answering', ['pause', 'stop']],
		[{ acting: true }, 'live here', ['stop']],
		[{ status: 'paused' }, 'resumable', ['evolve', 'resume', 'step']],
		[{ status: 'stopped', trains: false }, 'resumable', ['evolve', 'resume', 'step']],
		[{ status: 'failed' }, 'resumable', ['evolve', 'resume', 'step']],
		[{ status: 'failed', isStored: false }, 'gone', ['evolve', 'step']],
		[{ status: 'finished' }, 'over', ['evolve']],
		[{ status: 'idle' }, 'nothing', ['evolve', 'step']],
		[{ source: 'none', status: 'idle' }, 'nothing', ['evolve', 'step']],
		[{ source: 'recorded' }, 'recording', ['evolve', 'step']],
		[{ source: 'recorded', acting: true }, 'recording', []],
	])('%o is %s', (facts, standing, actions) => {
		const all = { ...calm, ...facts };
		expect(standingOf(all)).toBe(standing);
		expect(Object.entries(canDo(all)).flatMap(([name, can]) => (can ? [name] : []))).toEqual(
			actions,
		);
	});
});
