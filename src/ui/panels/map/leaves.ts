/** @file The survey as a map: its leaves with the cells that fill them, which of them fit the recipe, and what a swap changes. */
import type { Environment } from '#environments/environment.ts';
import { phaseOf, type Cell } from '#loop/cell.ts';
import { cells } from '#loop/taxonomy.ts';
import type { Phase } from '#loop/types.ts';
import { allCells, altered, cellName, contains } from '#runs/recipe/alter.ts';
import { choicesOf, hearsTruth, type Recipe } from '#methods/parts/method.ts';
import { lackWords, environmentsFor } from '#runs/join.ts';
import { language, said, t } from '../../language/language.svelte.ts';
import { listed } from '../../language/numbers.ts';
import type { Catalogue } from '../../state/catalogue.ts';

/** Headings of the survey between its phases and its leaves, by the first parts of a section. */
const headings = ['4.1', '4.2.1', '4.2.2', '4.3', '5.1', '5.2', '6.1', '6.2', '7'] as const;

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
		.map((section) => ({
			section,
			title: t(`leaves.heading.${section}`),
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
		.map(({ title }) => said(title));
	const way = { cell, isHere, usedBy };
	const why = isHere ? whyStays(cell, recipe) : whyNot(cell, place);
	if (why !== undefined) return { ...way, why };
	const word = isHere ? `-${cellName(cell)}` : cellName(cell);
	return { ...way, word, change: changeOf(cell, word, recipe) };
}

/** Why a cell of the recipe cannot be taken out. */
function whyStays(cell: Cell, { refine }: Recipe): string | undefined {
	if (cell.step !== 'refine' && cell.step !== 'update') return t('leaves.needsCell');
	const isFilter = (one: Cell): boolean => one.address.includes('/filter/');
	const others = refine.filter((one) => isFilter(one.cell) && one.cell.address !== cell.address);
	return isFilter(cell) && others.length === 0 ? t('leaves.onlyFilter') : undefined;
}

/** Why a cell cannot be put in, with the environments that have what it needs. */
function whyNot(cell: Cell, { catalogue, recipe, environment }: Place): string | undefined {
	const lacks = lackWords(environment, cell.needs);
	if (lacks.length === 0) return undefined;
	const fitting = environmentsFor(altered(recipe, [cellName(cell)]), catalogue.environments);
	const titles = fitting.slice(0, 3).map(({ title }) => said(title));
	const remedy =
		titles.length === 0 ? t('leaves.noOther') : t('leaves.choose', { environments: oneOf(titles) });
	return t('leaves.lacks', {
		needs: listed(lacks.map((lack) => said(lack))),
		environment: said(environment.words.title),
		remedy,
	});
}

const oneOf = (titles: readonly string[]): string =>
	new Intl.ListFormat(language.isEnglish ? 'en-GB' : language.tag, { type: 'disjunction' }).format(
		titles,
	);

/** `Takes the place of …: tasks are then made otherwise. The run is then told the truth.` */
function changeOf(cell: Cell, word: string, recipe: Recipe): string {
	const after = altered(recipe, [word]);
	const old = choicesOf(recipe).find((choice) => choice.cell.step === cell.step)?.cell;
	const isSwap = cell.step !== 'refine' && cell.step !== 'update';
	const how = word.startsWith('-')
		? t('leaves.without')
		: isSwap
			? t('leaves.replaces', { cell: said(old?.title ?? '') })
			: t(cell.address.includes('/correct/') ? 'leaves.before' : 'leaves.after');
	const [before, now] = [hearsTruth(recipe), hearsTruth(after)];
	const values = { how, then: t(`leaves.then.${cell.step}`) };
	if (before === now) return t('leaves.change', values);
	return t(now ? 'leaves.changeTold' : 'leaves.changeUntold', values);
}
