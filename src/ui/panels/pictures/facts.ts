/** @file Facts of a run for its summary card, from its record. */
import type { Score } from '#loop/types.ts';
import type { RunRecipe, TruthRow } from '#storage/runs/store.ts';
import { environmentOf, type Catalogue } from '../../state/catalogue.ts';
import { counterOf, unitOf } from '../../world/amounts.ts';
import { qrOf, type QrDrawing } from '../present/qr.ts';
import type { CardFacts } from './card.ts';
import { proofOf } from './proof.ts';
import { linkOf, recipeLine } from './recipe.ts';

/** What a card is made of. */
export interface Taken {
	readonly recipe: RunRecipe;
	/** The headline of the page. */
	readonly headline: string;
	readonly scores: readonly Score[];
	readonly truths: readonly TruthRow[];
}

export function factsOf(
	catalogue: Catalogue,
	{ recipe, headline, scores, truths }: Taken,
	page = `${location.origin}${location.pathname}`,
): CardFacts {
	const environment = environmentOf(catalogue, recipe);
	const link = linkOf(catalogue, recipe, page);
	return {
		...{ headline, scores, truths, link, seed: recipe.seed },
		recipe: recipeLine(catalogue, recipe),
		unit: counterOf(environment),
		axis: unitOf(environment),
		nouns: environment?.words.noun[1] ?? '',
		proof: environment ? proofOf(scores, environment, recipe.seed) : null,
		code: codeOf(link),
	};
}

/** Null for a link that is longer than a code can hold. */
function codeOf(link: string): QrDrawing | null {
	try {
		return qrOf(link);
	} catch {
		return null;
	}
}

/** Beginning of the names of a run's pictures. */
export const stemOf = ({ environment, seed }: RunRecipe): string =>
	`evolvarium-${environment}-seed-${seed}`;
