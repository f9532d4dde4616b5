/** @file The address holds the run asked for; what it gets wrong is said in one sentence. */
import { describe, expect, test } from 'vitest';
import { readEvolve } from '#cli/commands/evolve.ts';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { newRecord } from '#runs/request.ts';
import { Setup } from '../../src/ui/state/setup.svelte.ts';
import {
	askedLike,
	defaultAsked,
	readAsked,
	readCompute,
	writeAsked,
} from '../../src/ui/state/url.ts';

const catalogue = { methods, environments: Object.values(environments) };
const read = (query: string) => readAsked(new URLSearchParams(query), catalogue);

test('an empty address asks for the default method, and writes nothing back', () => {
	expect(read('')).toEqual({ asked: defaultAsked(catalogue), errors: [] });
	expect(read('').asked).toMatchObject({
		method: 'easy-to-hard',
		environment: 'addition',
		seed: 1,
	});
	expect(writeAsked(read('').asked, catalogue)).toBe('');
});

test.each([
	'seed=7',
	'rounds=3&rank=8',
	'agreement=off',
	'environment=sorting&seed=12',
	'method=star&environment=addition&seed=5',
	'learningRate=0.001',
	'method=easy-to-hard&environment=instructions',
	'environment=instructions&samples=2',
	'environment=questions',
	'alsoExamine=sorting%2Creversal%3Adirection%3Dcopy',
	'method=lmsi&cells=-replay%2Clearnability&tries=2',
	'cells=program-agreement&environment=list-programs',
])('%s is read and written back', (query) => {
	const { asked, errors } = read(query);
	expect(errors).toEqual([]);
	const written = writeAsked(asked, catalogue);
	expect(read(written)).toEqual({ asked, errors: [] });
	expect(written.length).toBeGreaterThan(0);
});

test('an environment without a method takes the one that is made for it', () => {
	expect(read('environment=instructions').asked.method).toBe('grounded');
	expect(read('environment=sorting').asked.method).toBe('easy-to-hard');
	expect(writeAsked(read('environment=instructions').asked, catalogue)).toBe('method=grounded');
});

test('a knob at its default is not written', () => {
	expect(writeAsked(read('agreement=on').asked, catalogue)).toBe('');
});

test.each([
	['method=nothing', 'method must be one of easy-to-hard, '],
	['environment=moon', 'environment must be one of addition, '],
	['seed=-1', 'seed must be a whole number from 0 to '],
	['seed=', 'seed must be a whole number'],
	['rounds=1.5', 'rounds must be a whole number from 1 to 1000; got "1.5".'],
	['rank=9999', 'rank must be a whole number from 1 to '],
	['agreement=maybe', 'agreement must be on or off; got "maybe".'],
	['alsoExamine=moon', 'alsoExamine: Environment must be one of addition, '],
	['alsoExamine=reversal:direction=up', 'alsoExamine: direction must be one of reverse, copy; '],
	['colour=red', 'Method easy-to-hard has no knob "colour"; '],
])('%s is refused with what is allowed, and left at its default', (query, sentence) => {
	const { asked, errors } = read(query);
	expect(errors).toHaveLength(1);
	expect(errors[0]?.startsWith(sentence)).toBe(true);
	expect(asked).toEqual(defaultAsked(catalogue));
});

test('the compute back end is read and written back apart from the run, and refused with what is allowed', () => {
	const query = new URLSearchParams('compute=webgpu&seed=7');
	const { asked, errors } = readAsked(query, catalogue);
	expect(errors).toEqual([]);
	expect(readCompute(query)).toEqual({ compute: 'webgpu' });
	expect(writeAsked(asked, catalogue, 'webgpu')).toBe('seed=7&compute=webgpu');
	expect(readCompute(new URLSearchParams())).toEqual({ compute: 'auto' });
	expect(readCompute(new URLSearchParams('compute=cpu'))).toEqual({
		compute: 'auto',
		error: 'compute must be one of auto, wasm, webgpu; got "cpu".',
	});
});

test('the largest seeds open the same run as in the terminal', () => {
	for (const seed of ['3000000000', '4294967295']) {
		const { asked, errors } = read(`seed=${seed}`);
		expect(errors).toEqual([]);
		const inTerminal = readEvolve('evolve', '', ['--seed', seed], (command) => command);
		const here = newRecord(
			new Setup(catalogue, new URLSearchParams(writeAsked(asked, catalogue))).start,
			'a',
			0,
		);
		expect(here).toEqual(newRecord(inTerminal.options, 'a', 0));
		expect(here.recipe.seed).toBe(Number(seed));
	}
	const refused = 'seed must be a whole number from 0 to 4294967295; got "4294967296".';
	expect(read('seed=4294967296').errors).toEqual([refused]);
	const { options } = readEvolve('evolve', '', ['--seed', '4294967296'], (command) => command);
	expect(() => newRecord(options, 'a', 0)).toThrow(refused);
});

test('roles and the base model are read and written back, and a role elsewhere never comes from an address', () => {
	const english = 'method=self-instruct&model=library%3Ax&critic=frozen&judge=script%3AYes';
	const { asked, errors } = read(english);
	expect(errors).toEqual([]);
	expect(asked).toMatchObject({
		model: 'library:x',
		roles: { critic: 'frozen', judge: 'script:Yes' },
	});
	expect(read(writeAsked(asked, catalogue))).toEqual({ asked, errors: [] });
	const away = read('method=self-instruct&judge=endpoint:http://127.0.0.1/v1%23x');
	expect(away.asked).toEqual(defaultAsked(catalogue, 'self-instruct'));
	expect(away.errors).toEqual([
		'judge cannot be given to another model by an address; choose it here.',
	]);
	expect(read('judge=nobody').errors[0]).toMatch(/^judge must be one of policy, frozen, /);
	const roles = { judge: 'endpoint:http://127.0.0.1/v1#x' };
	expect(writeAsked({ ...asked, roles }, catalogue)).not.toContain('127.0.0.1');
});

describe('the next run', () => {
	const setup = (query: string) => new Setup(catalogue, new URLSearchParams(query));

	test.each([
		...['', 'rank=8&steps=40', 'environment=sorting', 'method=star', 'method=self-instruct'],
		'alsoExamine=sorting',
	])('is like the one that %s began', (query) => {
		const { recipe } = newRecord(setup(query).start, 'a', 0);
		const knobs = Object.fromEntries(Object.entries(recipe.knobs).reverse());
		expect(setup(query).differsFrom({ ...recipe, knobs })).toBe(false);
	});

	test.each([
		...['seed=2', 'rounds=3', 'rank=8', 'environment=sorting', 'method=star', 'model=other'],
		'alsoExamine=sorting',
	])('differs from the usual one by %s', (query) => {
		expect(setup(query).differsFrom(newRecord(setup('').start, 'a', 0).recipe)).toBe(true);
	});

	test('examines what is chosen as well, until another environment is', () => {
		const next = setup('environment=reversal&seed=7');
		expect(next.places.map(({ name }) => name)).toEqual([
			...['translation', 'translation:words=new', 'reversal:means=swapped'],
			...['reversal:direction=copy', 'reversal:direction=copy:means=swapped'],
		]);
		next.alsoExamine('reversal:direction=copy', true);
		expect(next.query).toBe('environment=reversal&seed=7&alsoExamine=reversal%3Adirection%3Dcopy');
		expect(newRecord(next.start, 'a', 0).recipe.alsoExamine).toEqual(['reversal:direction=copy']);
		next.change({ seed: 8 });
		expect(next.asked.alsoExamine).toEqual(['reversal:direction=copy']);
		next.change({ environment: 'sorting' });
		expect(next.asked).not.toHaveProperty('alsoExamine');
		next.alsoExamine('reversal', true);
		next.alsoExamine('reversal', false);
		expect(next.asked).not.toHaveProperty('alsoExamine');
	});

	test('in a terminal examines the same', () => {
		const argv = ['--environment', 'addition', '--also-examine', 'sorting, addition:format=plain'];
		const { options } = readEvolve('evolve', '', argv, (command) => command);
		const query = 'alsoExamine=sorting,addition:format%3Dplain';
		expect(newRecord(options, 'a', 0)).toEqual(newRecord(setup(query).start, 'a', 0));
	});

	test('differs by who plays a role', () => {
		const next = setup('method=self-instruct');
		const { recipe } = newRecord(next.start, 'a', 0);
		expect(next.assign('judge', 'script:yes')).toBeUndefined();
		expect(next.differsFrom(recipe)).toBe(true);
	});
});

describe('a run that is opened', () => {
	test.each([
		'',
		'seed=7&rounds=5&agreement=off',
		'method=star&environment=addition&rank=8',
		'environment=instructions&model=mine&judge=policy',
		'environment=reversal&alsoExamine=reversal%3Adirection%3Dcopy',
	])('makes the next run like itself: %s', (query) => {
		const { asked } = read(query);
		expect(askedLike(newRecord(asked, 'a', 0).recipe, catalogue)).toEqual(asked);
	});
	test('does not have a server asked that only the run names', () => {
		const { recipe } = newRecord(read('method=self-instruct').asked, 'a', 0);
		const told = { ...recipe, roles: { ...recipe.roles, judge: 'endpoint:http://localhost:1#m' } };
		expect(askedLike(told, catalogue)).not.toHaveProperty('roles');
	});
	test('of a method that is not here changes nothing', () => {
		const { recipe } = newRecord(read('').asked, 'a', 0);
		expect(askedLike({ ...recipe, method: 'later' }, catalogue)).toBeUndefined();
	});
});

test('cells of an address are altered one by one; what names none, or fits nowhere, is said', () => {
	const { asked, errors } = read('method=lmsi&cells=learnability,nonsense,-model&tries=3');
	expect(asked.cells).toEqual(['learnability']);
	expect(asked.knobs).toEqual({ tries: 3 });
	expect(errors).toHaveLength(2);
	const nowhere = read('cells=self-play,knowledge-based');
	expect(nowhere.asked.cells).toBeUndefined();
	expect(nowhere.errors).toEqual([
		'No environment has what all of these cells need: knowledge-based, self-play.',
	]);
	// A cell that needs more than the method's own environment has begins in one that has it.
	expect(read('cells=program-agreement').asked.environment).toBe('list-programs');
});

test('a cell is put in and taken out; knobs of cells that are gone are forgotten', () => {
	const setup = new Setup(catalogue, new URLSearchParams('method=lmsi'));
	setup.alter('learnability');
	expect(setup.turn('tries', 8)).toBeUndefined();
	expect(setup.turn('samples', 4)).toBeUndefined();
	expect(setup.query).toBe('method=lmsi&cells=learnability&tries=8&samples=4');
	setup.alter('selective');
	expect(setup.query).toBe('method=lmsi&samples=4');
	setup.alter('-replay');
	setup.alter('replay');
	setup.restoreCells();
	expect(setup.asked.cells).toBeUndefined();
	const record = newRecord({ ...setup.start, cells: ['-replay'] }, 'a', 0);
	expect(setup.differsFrom(record.recipe)).toBe(true);
	setup.adopt(record.recipe);
	expect(setup.differsFrom(record.recipe)).toBe(false);
	expect(setup.query).toBe('method=lmsi&cells=-replay&samples=4');
});

test('the terminal takes the same cells, and their knobs', () => {
	const { options } = readEvolve(
		'evolve',
		'',
		['--method', 'lmsi', '--cells', 'learnability,-replay', '--tries', '2'],
		(command) => command,
	);
	expect(options).toMatchObject({ cells: ['learnability', '-replay'], knobs: { tries: '2' } });
});
