/** @file Free text cast into the form of a constraint: what comes out keeps it, and says what the model said. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { holds, kinds } from '#environments/instructions/constraints.ts';
import { wordsOf } from '#environments/instructions/measure.ts';
import { recastOf } from '#environments/instructions/recast.ts';
import { openEnvironment } from '#environments/registry.ts';

const environment = openEnvironment('instructions');

const draft = `Sure! Here is what I know:

1. **Light**: A lighthouse is a tall tower by the sea, with a strong lamp at its top.
2. It was built in 1820, when many ships were lost on the rocks near the old village.

The keeper lived there with his family; he climbed 120 steps every evening. He lit the lamp before it was dark. Sailors saw it from far away, and they knew where the harbour was. Today a machine does his work, so that nobody lives in the tower any more. People still walk out to it on Sundays. They look at the waves and at the birds, and they eat their bread on the stairs. The lamp still turns every night, bec`;

const cast = (constraint: string, text = draft) => recastOf([constraint], ['light'])?.(text);

test.each(
	Object.entries(kinds).flatMap(([name, { values }]) =>
		recastOf([`${name} ${values[0] ?? ''}`])
			? values.slice(0, 24).map((value) => `${name} ${value}`)
			: [],
	),
)('%s: the answer keeps it, has substance, and is short', async (constraint) => {
	const item = { request: 'Describe a lighthouse.', constraints: [constraint] };
	const completion = environment.recast(item)?.cast(draft) ?? '';
	expect(holds(constraint, completion), completion).toBe(true);
	const scored = { item, view: {}, completion, stopReason: 'stop' };
	expect((await environment.score(scored)).verdict, completion).toEqual({ kind: 'correct' });
	expect(wordsOf(completion).length).toBeLessThan(95);
});

test('every word is one of the draft, beside keys, endings and the count of sentences', () => {
	const said = new Set(wordsOf(draft.toLowerCase()));
	for (const constraint of ['bullets 4', 'title <<>>', 'quoted ""', 'texts 5', 'letters capital'])
		for (const word of wordsOf((cast(constraint) ?? '').toLowerCase()))
			expect(said).toContain(word);
	expect(cast('fields year,parts')).toBe(
		'{"year": 1820, "parts": ["A lighthouse is a tall tower by the sea", "With a strong lamp at its top.", "It was built in 1820"]}',
	);
});

test('it begins with the sentence that names the topic, without the marks of lists', () => {
	expect(cast('sentences 1')).toBe(
		'Light: A lighthouse is a tall tower by the sea, with a strong lamp at its top.',
	);
	expect(recastOf(['sentences 1'], ['keeper'])?.(draft)).toMatch(/^The keeper lived there/);
});

test('where the draft says too little, or no rule can add what is asked for, there is none', () => {
	for (const constraint of ['sentences 3', 'paragraphs 2', 'texts 6', 'fields steps,parts'])
		expect(cast(constraint, 'A lighthouse stands by the sea.'), constraint).toBeUndefined();
	expect(cast('commas none', 'no sentence at all')).toBeUndefined();
	for (const constraints of [
		['keyword river'],
		['opening Today'],
		['bullets 2', 'keyword river'],
		[],
	])
		expect(recastOf(constraints)).toBeUndefined();
});

test('several constraints are kept together', () => {
	const text = recastOf(['bullets 3', 'letters small', 'avoid many'], ['light'])?.(draft) ?? '';
	expect(text.split('\n')).toEqual([
		'- light: a lighthouse is a tall tower by the sea, with a strong lamp at its top.',
		'- the keeper lived there with his family; he climbed 120 steps every evening.',
		'- he lit the lamp before it was dark.',
	]);
	const titled = recastOf(['title <<>>', 'avoid many'], ['light'])?.(draft) ?? '';
	expect(titled).toMatch(/^<<Light A lighthouse>>\nLight: A lighthouse is/);
	const stream = random(2);
	const without: string[] = [];
	let made = 0;
	for (let i = 0; i < 400; i++) {
		const { constraints } = environment.tasks.draw(2, stream) as {
			readonly constraints: readonly string[];
		};
		const rule = recastOf(constraints, ['light']);
		if (rule?.(draft) !== undefined) made++;
		else if (rule) without.push(constraints.join(' · '));
	}
	// Beside those whose words are too many or too few: this draft has too few parts, or parts too long for capitals.
	expect(new Set(without.filter((one) => !/(?:most|least)-words/.test(one)))).toEqual(
		new Set([
			...[
				'letters capital · paragraphs 3',
				'bullets 5 · letters capital',
				'commas none · bullets 6',
			],
		]),
	);
	expect(without.length).toBeLessThan(made / 10);
});

test('whatever a model says: no error, and JSON that can be read', () => {
	const stream = random(1);
	const items = Array.from({ length: 40 }, () => environment.tasks.draw(1, stream));
	const text = fc.array(fc.oneof(fc.string(), fc.constantFrom('A kite flies high. ', '"', '\n- ')));
	fc.assert(
		fc.property(text, fc.constantFrom(...items), (parts, item) => {
			const made = environment.recast(item)?.cast(parts.join(' '));
			if (made !== undefined && /^[[{]/.test(made)) JSON.parse(made);
		}),
		{ seed: 1, numRuns: 2000 },
	);
});
