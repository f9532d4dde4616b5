/** @file What must not compile: `tsc` fails where one of these errors is missing. */
import { scoreByReference } from '#environments/score.ts';
import type { Environment } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { environment as told } from '#loop/1-acquire/feedback/environment.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { defineCell } from '#loop/cell.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { type Recipe, use } from '#methods/parts/method.ts';

const read = (_: unknown): void => undefined;

const head = {
	section: '4.1',
	address: 'x',
	title: 'X',
	step: 'evolveTasks',
	about: 'X.',
	papers: [],
	knobs: {},
} as const;

export const misplaced = {
	...easyToHard,
	// @ts-expect-error: a cell that judges answers cannot write tasks
	evolveTasks: use(told),
} satisfies Recipe;

// @ts-expect-error: the cell has no such knob
export const unknownKnob = use(knowledgeFree, { problem: 400 });

// @ts-expect-error: the knob is a number
export const wrongValue = use(knowledgeFree, { problems: 'many' });

export const curious = defineCell({
	...head,
	needs: [],
	create: () => (context) => {
		// @ts-expect-error: it reads the reference without asking for it
		read(context.world.environment.reference);
		// @ts-expect-error: nor may it judge
		read(context.world.environment.score);
		// @ts-expect-error: nor know how answers go wrong
		read(context.world.environment.faults);
		// How answers are written is no truth.
		read(context.world.environment.answers);
		return Promise.resolve([]);
	},
});

export const honest = defineCell({
	...head,
	needs: ['reference', 'hint?'],
	create: () => (context) => {
		const { reference, hint } = context.world.environment;
		read(reference.solve);
		// @ts-expect-error: a hint that was asked for with `?` may be absent
		read(hint.prompt);
		return Promise.resolve([]);
	},
});

const { answers, reference, ...rest } = openEnvironment('sorting');

export const withoutFacets: Environment = rest;

// @ts-expect-error: an environment must say how it scores
export const withoutScore: Environment = { ...rest, score: undefined };

// @ts-expect-error: tasks are no facet that may be absent
export const withoutTasks: Environment = (({ tasks: _, ...others }) => others)(rest);

export const scorer = scoreByReference(answers, reference);

// @ts-expect-error: sorting has no hint, and its type says so
read(openEnvironment('sorting').hint);
