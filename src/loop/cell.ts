/** @file Cell: one leaf of the survey's taxonomy, with its knobs and the step it can do. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
import type { Need } from '#environments/environment.ts';
import type {
	Amend,
	Evaluate,
	EvolveSolutions,
	EvolveTasks,
	GetFeedback,
	Phase,
	Refine,
} from './types.ts';

/** The step a cell can take in a recipe, and what it then must create. */
export interface Steps<N extends Need = never> {
	readonly evolveTasks: EvolveTasks<N>;
	readonly evolveSolutions: EvolveSolutions<N>;
	readonly getFeedback: GetFeedback<N>;
	readonly refine: Refine<N>;
	readonly update: Amend<N>;
	readonly evaluate: Evaluate<N>;
}
export type StepName = keyof Steps;

/** The phase (and colour) a step belongs to. */
export const phaseOf: Readonly<Record<StepName, Phase>> = {
	evolveTasks: 'acquire',
	evolveSolutions: 'acquire',
	getFeedback: 'acquire',
	refine: 'refine',
	update: 'update',
	evaluate: 'evaluate',
};

/** A leaf with its knobs, and the step that it does with them. */
export interface Cell<
	S extends StepName = StepName,
	K extends Knobs = Knobs,
	N extends Need = Need,
> {
	/** Section of the survey, e.g. `5.1.2`. */
	readonly section: string;
	/** Address: the file's path under `src/loop/` without `.ts`. */
	readonly address: string;
	readonly title: string;
	readonly step: S;
	/** One sentence for a newcomer. */
	readonly about: string;
	readonly papers: readonly string[];
	readonly knobs: K;
	/** Needs, asked of the environment; it is given no other truth. */
	readonly needs: readonly N[];
	create(values: KnobValues<K>): Steps<N>[S];
}

/** Declares a cell; one that reads a facet of the environment which it does not name does not compile. */
export const defineCell = <S extends StepName, const K extends Knobs, const N extends Need = never>(
	cell: Cell<S, K, N>,
): Cell<S, K, N> => cell;
