/** @file Worlds of a lesson: the requests of its runs, which differ in exactly one parameter of the address from the first. */
import { runLimits } from '#base/limits.ts';
import type { StartOptions } from '#runs/session.ts';
import { readAsked } from '../../../state/url.ts';
import type { Catalogue } from '../../../state/catalogue.ts';
import { matches } from '#base/schema.ts';
import { BadLessonError, type Lesson } from './lesson.ts';
import { plantedNumbers, plantedSchema, type Planted } from './planted.ts';

/** Parameters that say what a run is; a change of one is no single cause. */
const notOneCause: ReadonlySet<string> = new Set(['environment', 'model', 'rounds', 'compute']);

/** Length of a run: `full` as the lesson says, `short` for a test. */
export type Length = 'full' | 'short';

/** The request of each world, the first one first; throws BadLessonError with the field and what it allows. */
export function worldsOf(
	{ run, changes, short }: Lesson,
	catalogue: Catalogue,
	{ seed, length = 'full' }: { readonly seed?: number; readonly length?: Length } = {},
): readonly StartOptions[] {
	const query = new URLSearchParams(run);
	if (length === 'short')
		for (const [name, value] of new URLSearchParams(short)) query.set(name, value);
	if (seed !== undefined) query.set('seed', String(seed));
	const ask = (asked: URLSearchParams, field: string): StartOptions => {
		const { asked: options, errors } = readAsked(asked, catalogue);
		const [error] = errors;
		if (error !== undefined) throw new BadLessonError(`Not a lesson: ${field}: ${error}`);
		return options;
	};
	const first = ask(query, 'run');
	const others = changes.map((change, i) => {
		const field = `changes[${i}]`;
		const at = change.indexOf('=');
		const [name, value] = [change.slice(0, at), change.slice(at + 1)];
		if (notOneCause.has(name))
			throw new BadLessonError(
				`Not a lesson: ${field}: ${name} changes more than one thing; change a knob, the method or the seed.`,
			);
		const turned = new URLSearchParams(query);
		turned.set(name, seed !== undefined && name === 'seed' ? String(seed + 1) : value);
		const other = ask(turned, field);
		if (JSON.stringify(other) === JSON.stringify(first))
			throw new BadLessonError(`Not a lesson: ${field}: it is as the first world has it already.`);
		return other;
	});
	return [first, ...others];
}

/** What is planted in each world, the first one first; throws BadLessonError as `worldsOf` does. None in a lesson of runs. */
export function plantedIn(
	{ planted, changes, short }: Lesson,
	length: Length = 'full',
): readonly Planted[] {
	if (!planted) return [];
	const changed = (from: Planted, pair: string, field: string): Planted => {
		const [name = '', value = ''] = pair.split('=');
		const which = plantedNumbers.find((one) => one === name);
		const turned = which && { ...from, [which]: Number(value) };
		if (turned && matches<unknown>(plantedSchema, turned)) return turned;
		throw new BadLessonError(
			`Not a lesson: ${field}: it turns ${plantedNumbers.join(', ')} of planted, each a whole number; got "${pair}".`,
		);
	};
	const first =
		length === 'full'
			? planted
			: short.split('&').reduce((from, pair) => changed(from, pair, 'short'), planted);
	return [first, ...changes.map((change, i) => changed(first, change, `changes[${i}]`))];
}

/** The address of each world, for a link to the World page. */
export const addressesOf = ({ run, changes }: Lesson): readonly string[] => [
	run,
	...changes.map((change) => {
		const query = new URLSearchParams(run);
		const at = change.indexOf('=');
		query.set(change.slice(0, at), change.slice(at + 1));
		return `?${query.toString()}`;
	}),
];

/** The lesson with another seed in its first world; as it is if the text is no seed. */
export function withSeed(lesson: Lesson, seed: string | null): Lesson {
	if (seed === null || !/^\d{1,10}$/.test(seed) || Number(seed) > runLimits.seed.to) return lesson;
	const query = new URLSearchParams(lesson.run);
	query.set('seed', String(Number(seed)));
	// Worlds that differ in the seed keep differing.
	const changes = lesson.changes.map((change, i) =>
		change.startsWith('seed=')
			? `seed=${(Number(seed) + i + 1) % (runLimits.seed.to + 1)}`
			: change,
	);
	return { ...lesson, run: `?${query.toString()}`, changes };
}
