/** @file The survey as a map: its leaves with the cells that fill them, which of them fit the recipe, and what a swap changes. */
import type { Environment } from '#environments/environment.ts';
import { phaseOf, type Cell } from '#loop/cell.ts';
import { cells } from '#loop/taxonomy.ts';
import type { Phase } from '#loop/types.ts';
import { allCells, altered, cellName, contains } from '#runs/recipe/alter.ts';
import { choicesOf, hearsTruth, type Recipe } from '#methods/parts/method.ts';
import { lackWords, environmentsFor } from '#runs/join.ts';
import type { Catalogue } from '../../state/catalogue.ts';

/** Headings of the survey between its phases and its leaves, by the first parts of a section. */
const headings: readonly (readonly [section: string, title: string])[] = [
	['4.1', 'Tasks'],
	['4.2.1', 'Solutions, positive'],
	['4.2.2', 'Solutions, negative'],
	['4.3', 'Feedback'],
	['5.1', 'Filtering'],
	['5.2', 'Correcting'],
	['6.1', 'In weights'],
	['6.2', 'In context'],
	['7', 'Evaluation'],
];

/** One way to fill a leaf. */
export interface Way {
	readonly cell: Cell;
	readonly isHere: boolean;
	/** Alteration that puts it in, or takes it out; absent if neither can be done. */
	readonly word?: string;
	/** Why it cannot be put in or taken out, a sentence. */
	readonly why?: string;
	/** What changes in the run, sentences. */
	readonly change?: string;
	/** Titles of the methods that use it. */
	readonly usedBy: readonly string[];
}

export interface Leaf {
	readonly cell: Cell;
	readonly ways: readonly Way[];
	readonly isHere: boolean;
}

export interface Group {
	readonly section: string;
	readonly title: string;
	readonly leaves: readonly Leaf[];
}

/** What a recipe stands in. */
interface Place {
	readonly catalogue: Catalogue;
	readonly recipe: Recipe;
	readonly environment: Environment;
}

const isOf = (leaf: Cell, { address }: Cell): boolean =>
	address === leaf.address || address.startsWith(`${leaf.address}/`);

/** The leaves of a phase under their headings, in the order of the survey. */
export const groupsOf = (phase: Phase, place: Place): readonly Group[] =>
	headings
		.map(([section, title]) => ({
			section,
			title,
			leaves: cells
				.filter((cell) => phaseOf[cell.step] === phase && cell.section.startsWith(section))
				.map((cell) => leafOf(cell, place)),
		}))
		.filter(({ leaves }) => leaves.length > 0);

function leafOf(cell: Cell, place: Place): Leaf {
	const ways = allCells.filter((one) => isOf(cell, one)).map((one) => wayOf(one, place));
	return { cell, ways, isHere: ways.some(({ isHere }) => isHere) };
}

function wayOf(cell: Cell, place: Place): Way {
	const { catalogue, recipe } = place;
	const isHere = contains(recipe, cell);
	const usedBy = catalogue.methods
		.filter((method) => contains(method, cell))
		.map(({ title }) => title);
	const way = { cell, isHere, usedBy };
	const why = isHere ? whyStays(cell, recipe) : whyNot(cell, place);
	if (why !== undefined) return { ...way, why };
	const word = isHere ? `-${cellName(cell)}` : cellName(cell);
	return { ...way, word, change: changeOf(cell, word, recipe) };
}

/** Why a cell of the recipe cannot be taken out. */
function whyStays(cell: Cell, { refine }: Recipe): string | undefined {
	if (cell.step !== 'refine' && cell.step !== 'update')
		return 'Its step needs a cell: put another one in its place.';
	const isFilter = (one: Cell): boolean => one.address.includes('/filter/');
	const others = refine.filter((one) => isFilter(one.cell) && one.cell.address !== cell.address);
	return isFilter(cell) && others.length === 0
		? 'It is the only filter: without one nothing is kept, and nothing is learnt.'
		: undefined;
}

/** Why a cell cannot be put in, with the environments that have what it needs. */
function whyNot(cell: Cell, { catalogue, recipe, environment }: Place): string | undefined {
	const lacks = lackWords(environment, cell.needs);
	if (lacks.length === 0) return undefined;
	const fitting = environmentsFor(altered(recipe, [cellName(cell)]), catalogue.environments);
	const titles = fitting.slice(0, 3).map(({ title }) => title);
	const remedy =
		titles.length === 0
			? 'Nor does any other environment that this recipe can be joined with.'
			: `Choose ${oneOf(titles)} as the environment.`;
	return `It needs ${lacks.join(' and ')}, which ${environment.words.title} does not have. ${remedy}`;
}

const oneOf = (titles: readonly string[]): string =>
	[titles.slice(0, -1).join(', '), titles.at(-1) ?? ''].filter(Boolean).join(' or ');

const stepWords = {
	evolveTasks: 'Tasks are then made otherwise',
	evolveSolutions: 'Answers then come about otherwise',
	getFeedback: 'Answers are then judged otherwise',
	refine: 'What is learnt from is then chosen otherwise',
	update: 'The model is then updated otherwise',
	evaluate: 'The model is then examined otherwise',
} as const;

/** `Takes the place of …: tasks are then made otherwise. The run is then told the truth.` */
function changeOf(cell: Cell, word: string, recipe: Recipe): string {
	const after = altered(recipe, [word]);
	const old = choicesOf(recipe).find((choice) => choice.cell.step === cell.step)?.cell;
	const isSwap = cell.step !== 'refine' && cell.step !== 'update';
	const how = word.startsWith('-')
		? 'The others of its step go on without it'
		: isSwap
			? `It takes the place of ${quoted(old?.title ?? '')}`
			: cell.address.includes('/correct/')
				? 'It is added before the filters'
				: 'It is added after the others of its step';
	const [before, then] = [hearsTruth(recipe), hearsTruth(after)];
	const truth =
		before === then
			? ''
			: then
				? ' The run is then told the truth while it learns.'
				: ' While it learns, the run is then no longer told the truth.';
	return `${how}. ${stepWords[cell.step]}.${truth}`;
}

const quoted = (title: string): string => `“${title}”`;
