/** @file Environments that are examined beside the practised one: their names, and which models can read them. */
import { describe, expect, test } from 'vitest';
import { end, pad } from '#environments/alphabet.ts';
import { environments } from '#environments/registry.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { assertCanRead, nameOf, openPlaces, placesFor, readName } from '#runs/places.ts';
import { assembleRun, newRecord } from '#runs/request.ts';
import { alphabets, type SeedlingName } from '#seedlings/alphabets.ts';
import { summarise } from '#runs/measure/summary.ts';
import { isScore } from '#runs/stored/score.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';
import { aNumber } from '../matchers.ts';
import { setUp, settled, small } from './bench.ts';

const all = Object.values(environments);
const asked = { method: 'easy-to-hard', environment: 'reversal', seed: 1, rounds: 2, knobs: {} };

describe('a name', () => {
	test.each(['sorting', 'reversal:direction=copy', 'addition:format=plain'])(
		'%s is read and written back',
		(name) => {
			expect(nameOf(readName(name))).toBe(name);
		},
	);

	test('is one for each environment: what is at its default is left out', () => {
		expect(nameOf(readName(' reversal:direction=reverse '))).toBe('reversal');
		const alsoExamine = ['reversal:direction=copy', ' reversal:direction=copy'];
		expect(newRecord({ ...asked, alsoExamine }, 'a', 0).recipe.alsoExamine).toEqual([
			'reversal:direction=copy',
		]);
		expect(newRecord(asked, 'a', 0).recipe).not.toHaveProperty('alsoExamine');
	});

	test.each([
		['moon', 'Environment must be one of '],
		['reversal:direction=up', 'direction must be one of reverse, copy; got "up".'],
		['reversal:up', 'Environment reversal takes direction=… and means=… after a colon; got "up".'],
		['sorting:a=b', 'Environment sorting takes no settings after a colon; got "a=b".'],
		['reversal', 'reversal is practised and examined in any case; leave it out'],
	])('%s is refused with what is allowed', (name, sentence) => {
		const refused = () => newRecord({ ...asked, alsoExamine: [name] }, 'a', 0);
		expect(refused).toThrow(sentence);
		expect(refused).toThrow(expect.objectContaining({ code: 'bad-request' }));
	});

	test('may be of the practised environment with another setting', () => {
		const copying = { ...asked, knobs: { direction: 'copy' }, alsoExamine: ['reversal'] };
		expect(assembleRun(copying).places.map(({ name }) => name)).toEqual(['reversal']);
	});
});

describe('a run', () => {
	test('in an environment that its model cannot read is refused before any work', async () => {
		const { store, open } = setUp();
		const session = open();
		await expect(session.start({ ...small, alsoExamine: ['sorting'] })).rejects.toThrow(
			'cannot be examined in sorting',
		);
		expect(await store.runs()).toEqual([]);
		await session.dispose();
	});

	test('keeps what it found elsewhere by environment, at the start and the end', async () => {
		const { store, open } = setUp();
		const session = open();
		const done = settled(session);
		const id = await session.start({ ...small, alsoExamine: ['reversal:direction=copy'] });
		await done;
		const run = await store.run(id);
		const scores = (run?.scores ?? []).filter(isScore);
		expect(scores.map(({ t, elsewhere }) => [t, elsewhere?.map((one) => one.environment)])).toEqual(
			[
				[0, ['reversal:direction=copy']],
				[1, undefined],
				[2, ['reversal:direction=copy']],
			],
		);
		expect(run && summarise(run).elsewhere).toMatchObject([
			{ environment: 'reversal:direction=copy', before: { n: aNumber }, t: 2 },
		]);
		// What the script says of a word that is to be copied is wrong, but for palindromes.
		const [place] = run ? (summarise(run).elsewhere ?? []) : [];
		expect(place?.before.correct).toBeLessThan((place?.before.n ?? 0) / 2);
		await session.dispose();
	});
});

describe('a model', () => {
	const modelOf = (name: SeedlingName, contextLength = 256) => ({
		name,
		spec: { ...tinySpec(alphabets[name]), contextLength },
		tokenizer: characterTokenizer({ pad, end, characters: alphabets[name].slice(2) }),
	});
	const [copying] = openPlaces(['reversal:direction=copy'], 'reversal');
	const [sorting] = openPlaces(['sorting'], 'reversal');
	const [english] = openPlaces(['instructions'], 'reversal');
	if (!copying || !sorting || !english) throw new Error('Each name is one place.');

	test('is examined where it was taught, else on the easiest', () => {
		expect(copying.range).toEqual([1, 8]);
		expect(sorting.range).toEqual([1, 4]);
		expect(english.range).toEqual([1, 3]);
	});

	test('reads what its characters suffice for', () => {
		expect(() => assertCanRead(copying, modelOf('reversal'))).not.toThrow();
		expect(() => assertCanRead(sorting, modelOf('addition'))).not.toThrow();
	});

	test('that cannot read it is refused before any work, with the reason', () => {
		expect(() => assertCanRead(sorting, modelOf('reversal'))).toThrow(
			/^Model reversal cannot be examined in sorting: The model has no token for "\d"/,
		);
		expect(() => assertCanRead(copying, modelOf('reversal', 20))).toThrow(
			'and the model reads 20. Leave it out of what is also examined.',
		);
		expect(() => assertCanRead(english, modelOf('reversal'))).toThrow('has no chat template');
		const chat = { template: '{{ messages }}', specialTokens: {}, startTokens: [] };
		expect(() => assertCanRead(english, { ...modelOf('reversal', 512), chat })).not.toThrow();
	});

	test('is offered what it can read; a model that is not ours, everything', () => {
		const namesFor = (model: string, practised: string) =>
			placesFor(model, readName(practised), all).map(({ name }) => name);
		expect(namesFor('reversal', 'reversal')).toEqual([
			'translation', // of the same characters
			'translation:words=new',
			'reversal:means=swapped',
			'reversal:direction=copy',
			'reversal:direction=copy:means=swapped',
		]);
		expect(namesFor('addition', 'addition')).toEqual(['addition:format=plain', 'sorting']);
		expect(namesFor('addition-scratchpad', 'addition:format=scratchpad')).toEqual([
			'addition',
			'addition:format=plain',
			'sorting',
		]);
		expect(namesFor('library:x', 'instructions')).toContain('sorting');
	});
});
