/** @file Facts: three forms of each, one answer, read out of a sentence; records and split. */
import { expect, it } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const facts = openEnvironment('facts');
describeEnvironment('facts', facts);

const [first, second] = facts.knowledge.records;
const [, river = '', year = '', mayor = ''] =
	/river (\w+)\. It was founded in (\d+)\. Its mayor is (\w+)\./.exec(first?.text ?? '') ?? [];
const town = first?.id ?? '';
const ask = (attribute: string, form: string) => ({ town, attribute, form });

it.each([
	[ask('river', 'forward'), `The ${river} runs through ${town}.`, 'correct'],
	[ask('year', 'forward'), `It was in ${year}`, 'correct'],
	[ask('mayor', 'backward'), `${mayor} is the mayor of ${town}.`, 'correct'],
	[ask('mayor', 'backward'), second?.id ?? '', 'wrong'],
	[ask('river', 'forward'), 'I do not know.', 'malformed'],
	[ask('river', 'check'), 'Yes and no.', 'malformed'],
] as const)('%j: "%s" is %s', async (item, answer, kind) => {
	expect((await scoreOf(facts, item, { wording: 0 }, answer)).verdict.kind).toBe(kind);
});

it('claims are true and false about equally often', () => {
	const said = facts.knowledge.records
		.flatMap(({ id }) => facts.knowledge.about(id))
		.filter((item) => facts.tasks.stratumOf(item) === 'check')
		.map((item) => facts.reference.solve(item));
	const share = said.filter((one) => one === 'yes').length / said.length;
	expect(said).toHaveLength(120);
	expect(share).toBeGreaterThan(0.35);
	expect(share).toBeLessThan(0.65);
});

it('most facts that are held out in one form may be met in another', () => {
	const { isHeldOut } = facts.tasks;
	const all = facts.knowledge.records.flatMap(({ id }) => facts.knowledge.about(id));
	const sealed = all.filter(isHeldOut);
	const met = sealed.filter((item) =>
		all.some(
			(other) =>
				other['town'] === item['town'] &&
				other['attribute'] === item['attribute'] &&
				!isHeldOut(other),
		),
	);
	expect(met.length / sealed.length).toBeGreaterThan(0.6);
});

it('as text, each passage tells of two towns all that is asked about them, and of no other', () => {
	const text = openEnvironment('facts', { told: 'text' });
	const { records, about } = text.knowledge;
	expect(records).toHaveLength(facts.knowledge.records.length / 2);
	expect(new Set(records.flatMap(({ id }) => about(id)).map(text.tasks.keyOf)).size).toBe(
		facts.knowledge.records.flatMap(({ id }) => facts.knowledge.about(id)).length,
	);
	for (const { id, text: passage } of records) {
		for (const item of about(id)) {
			if (item['form'] === 'check') continue;
			expect(passage).toContain(text.reference.solve(item));
			expect(passage).toContain(item['town']);
		}
		const named = facts.knowledge.records.filter(({ id: other }) => passage.includes(other));
		expect(named).toHaveLength(2);
	}
});
