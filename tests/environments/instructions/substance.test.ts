/** @file Substance: what keeps its constraint and says nothing is no answer. */
import { describe, expect, it } from 'vitest';
import { lackOf, topicOf } from '#environments/instructions/substance.ts';
import { openEnvironment } from '#environments/registry.ts';
import { scoreOf } from '../../contracts/describe-environment.ts';

const environment = openEnvironment('instructions');

describe('an answer without substance', () => {
	it.each([
		['ending This is the end.', 'This is the end.', 'little more'],
		['most-words 20', 'Simple.', 'little more'],
		['keyword river', 'A kite, a river.', 'little more'],
		['opening Imagine', 'Imagine a kite.', 'little more'],
		['commas none', 'Describe a kite. Describe what a kite is.', 'little more'],
		['fields title,year', '{"title":"Kite","year":2023}', 'little more'],
		['title <<>>', '<<The Beehive of Hope and Glory>>\nIt stands in a garden.', 'does not name'],
		['least-words 20', 'A kite flies high. '.repeat(6), 'in circles'],
	])('to "%s" is malformed: %s', async (constraint, answer, why) => {
		const item = { request: 'Describe a kite.', constraints: [constraint] };
		const { verdict } = await scoreOf(environment, item, { plain: true }, answer);
		expect(verdict).toMatchObject({ kind: 'malformed' });
		expect('reason' in verdict && verdict.reason).toContain(why);
	});
});

it.each([
	['ending This is the end.', 'A kite rises on the wind above the beach. This is the end.'],
	['texts 2', '["Kites need a steady wind","Hold the line well"]'],
	['fields title,tags', '{"title":"How kites fly","tags":["wind","string"]}'],
	['keyword river', 'Kites rise over the river when the wind blows.'],
])('an answer with substance to "%s" is right', async (constraint, answer) => {
	const item = { request: 'Describe a kite.', constraints: [constraint] };
	const { verdict } = await scoreOf(environment, item, { plain: true }, answer);
	expect(verdict.kind).toBe('correct');
});

it('finds the topic of a request, and asks for none where there is none', () => {
	expect(topicOf('Write a note to a friend about a cup of tea.')).toEqual(['cup', 'tea']);
	expect(topicOf('Give advice to a person who wants to know more about a good neighbour.')).toEqual(
		['neighbour'],
	);
	expect(topicOf('Explain how bees make honey.')).toEqual(['bees', 'honey']);
	expect(topicOf('Tell me something.')).toEqual([]);
	expect(lackOf('Tell me something.', [], 'The wind blows from the sea today.')).toBeUndefined();
});
