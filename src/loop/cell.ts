/** @file What a cell is: one leaf of the survey's taxonomy, with its knobs and the step it can do. */
import type { Knobs, KnobValues } from '#base/knobs.ts';
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
export interface Steps {
	readonly evolveTasks: EvolveTasks;
	readonly evolveSolutions: EvolveSolutions;
	readonly getFeedback: GetFeedback;
	readonly refine: Refine;
	readonly update: Amend;
	readonly evaluate: Evaluate;
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

interface CellHead<S extends StepName> {
	/** Section of the survey, e.g. `5.1.2`. */
	readonly section: string;
	/** Address: the file's path under `src/loop/` without `.ts`. */
	readonly address: string;
	readonly title: string;
	readonly step: S;
	/** One sentence for a newcomer. */
	readonly about: string;
	readonly papers: readonly string[];
}

/** A cell that works. */
export interface Cell<S extends StepName = StepName, K extends Knobs = Knobs> extends CellHead<S> {
	readonly status: 'built';
	readonly knobs: K;
	create(values: KnobValues<K>): Steps[S];
}

/** A cell that has its place but cannot be chosen yet. */
export interface PlannedCell<S extends StepName = StepName> extends CellHead<S> {
	readonly status: 'planned';
	/** What it waits for. */
	readonly reason: string;
}

export const defineCell = <S extends StepName, const K extends Knobs>(
	cell: Omit<Cell<S, K>, 'status'>,
): Cell<S, K> => ({ status: 'built', ...cell });

export const planCell = <S extends StepName>(
	cell: Omit<PlannedCell<S>, 'status'>,
): PlannedCell<S> => ({ status: 'planned', ...cell });
