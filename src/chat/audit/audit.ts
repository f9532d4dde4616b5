/**
 * @file Audit of an adapter: which texts of its training would it give away to a prompt shorter than the text?
 *
 * An async generator of plain states: whoever keeps the last one can go on from there, and comes to the same report.
 */
import { derive } from '#base/random.ts';
import { gzipSync } from 'fflate';
import { frameOf } from './frame.ts';
import type { PromptOracle } from './search/gcg.ts';
import type { AuditBudget } from './knobs.ts';
import {
	lengthsFor,
	newSearch,
	searchStep,
	type SearchState,
	type Tried,
} from './search/mini-prompt.ts';
import { askedIn } from './search/own-words.ts';
import { oracleOf, type AuditModel } from './oracle.ts';
import type { AuditedText, AuditReport, Outcome } from './report.ts';
import { formOf, screen, type Screen } from './screen.ts';
import type { AuditLanguage, AuditText } from './texts.ts';

/** What an audit is asked for. */
export interface AuditRequest {
	/** Name of the base model. */
	readonly model: string;
	readonly texts: readonly AuditText[];
	readonly budget: AuditBudget;
	/** Search for every text, whatever the screen says. */
	readonly all?: boolean;
	/** Rows whose texts are searched for in any case: those known to have come out of another adapter. */
	readonly also?: readonly number[];
}

/** Is a text searched for, after what the screen said of it? */
export const isSearched = (
	{ all = false, also = [] }: Pick<AuditRequest, 'all' | 'also'>,
	{ row }: AuditText,
	{ isSuspected }: Pick<Screen, 'isSuspected'>,
): boolean => all || isSuspected || also.includes(row);

/** Searches of one text, in this order: with the adapter; without it; for the twin. */
type Phase = 'search' | 'off' | 'twin';

/** An audit under way, as plain data. */
export interface AuditState {
	/** By text; null if it was not reached. */
	readonly screens: readonly (Screen | null)[];
	readonly outcomes: readonly (Outcome | null)[];
	/** Searches of the text of now. */
	readonly work: { readonly [P in Phase]?: SearchState | undefined };
}

/** News of a step, for people. */
export type AuditNews =
	| {
			readonly type: 'screened';
			readonly done: number;
			readonly of: number;
			readonly suspected: number;
	  }
	| {
			readonly type: 'searched';
			/** Index of the text. */
			readonly text: number;
			readonly phase: Phase;
			readonly length: number;
			readonly step: number;
			/** Lowest loss so far, nats per token. */
			readonly loss: number;
	  }
	| { readonly type: 'judged'; readonly text: number; readonly outcome: Outcome };

/** Shorter texts say nothing: any prompt is nearly as long. */
const fewestTokens = 4;

/** The state before the first step. */
export const newAudit = (texts: readonly AuditText[]): AuditState => ({
	screens: texts.map(() => null),
	outcomes: texts.map(() => null),
	work: {},
});

/** Runs an audit, from a state of before if one is given; aborting the model's signal rejects the step under way. */
export async function* audit(
	language: AuditLanguage,
	model: AuditModel,
	request: AuditRequest,
	from: AuditState = newAudit(request.texts),
): AsyncGenerator<{ readonly state: AuditState; readonly news: AuditNews }, AuditState> {
	const { texts, budget } = request;
	let state = from;
	const form = formOf(texts);
	for (const [i, text] of texts.entries()) {
		if (state.screens[i] || text.target.length < fewestTokens) continue;
		const seen = await screen(model, text, form, derive(budget.seed, 'screen', i));
		state = { ...state, screens: state.screens.with(i, seen) };
		const suspected = state.screens.filter((one) => one?.isSuspected).length;
		yield { state, news: { type: 'screened', done: i + 1, of: texts.length, suspected } };
	}
	for (const [i, text] of texts.entries()) {
		while (!state.outcomes[i]) {
			const { work, outcome, news } = await step(i, text);
			state = { ...state, work, ...(outcome && { outcomes: state.outcomes.with(i, outcome) }) };
			if (news) yield { state, news };
			if (outcome) yield { state, news: { type: 'judged', text: i, outcome } };
		}
	}
	return state;

	/** The next step of a text: one of its searches, or its outcome. */
	async function step(
		i: number,
		text: AuditText,
	): Promise<{ work: AuditState['work']; outcome?: Outcome; news?: AuditNews }> {
		const { work } = state;
		const seen = state.screens[i];
		const end = (outcome: Outcome) => ({ work: {}, outcome });
		const below = lengthLimitOf(language, text);
		const lengths = lengthsFor(below, budget.longest);
		if (!seen || lengths.length === 0) return end({ kind: 'unjudged', reason: 'too-short' });
		if (!isSearched(request, text, seen)) return end({ kind: 'not-suspected' });
		const search = async (phase: Phase, oracle: PromptOracle) => {
			const isControl = phase !== 'search';
			// A control takes at least as many steps as it took to find a prompt at all.
			const taken = on?.tried.find(({ found }) => found)?.steps ?? 0;
			const options = {
				...{ candidates: budget.candidates, topK: budget.topK, below },
				seed: derive(budget.seed, phase, i),
				steps: isControl ? Math.max(budget.controlSteps, taken) : budget.steps,
				shorterSteps: budget.controlSteps,
				// A control may take the longest prompt, which has the most freedom.
				lengths: isControl ? lengths.slice(-1) : lengths,
			};
			const begun = work[phase] ?? (isControl ? await retried(on?.shortest, oracle) : newSearch);
			const next = begun.ended ? begun : await searchStep(begun, oracle, options);
			// One success is all that a control is asked for.
			const ended = next.ended || (isControl && next.shortest !== null);
			const { length, step: at, loss } = newsOf(next);
			const news = { type: 'searched', text: i, phase, length, step: at, loss } as const;
			return { work: { ...work, [phase]: { ...next, ended } }, news };
		};
		const { search: on, off, twin } = work;
		const frame = frameOf(language, text.system);
		const asked = askedIn(frame, text.cue);
		if (!on?.ended) return search('search', oracleOf(model, frame, text.target, true, asked));
		if (!on.shortest)
			return end(
				on.tried.every(({ loss }) => loss === null)
					? { kind: 'unjudged', reason: 'no-prompt' }
					: { kind: 'not-found', tried: on.tried },
			);
		if (!off?.ended) return search('off', oracleOf(model, frame, text.target, false, asked));
		const controls: readonly Tried[] = [...off.tried, ...(twin?.tried ?? [])];
		const found = {
			prompt: language.tokenizer.decode(on.shortest),
			length: on.shortest.length,
			ratio: text.target.length / on.shortest.length,
			tried: on.tried,
			controls,
		};
		if (off.shortest) return end({ kind: 'known-before', ...found });
		if (!seen.twin) return end({ kind: 'unjudged', reason: 'no-twin' });
		if (!twin?.ended) return search('twin', oracleOf(model, frame, seen.twin, true, asked));
		return end({ kind: twin.shortest ? 'shared-form' : 'memorised', ...found });
	}
}

/** A control search, which is over at once if the prompt that was found works here, too. */
async function retried(
	prompt: readonly number[] | null | undefined,
	oracle: PromptOracle,
): Promise<SearchState> {
	const [judged] = prompt ? await oracle.judge([prompt]) : [];
	if (!prompt || !judged?.isSaid) return newSearch;
	const tried = [{ length: prompt.length, steps: 0, loss: judged.loss, found: true }];
	return { ...newSearch, tried, shortest: prompt, ended: true };
}

/** The length, step and lowest loss of a search. */
function newsOf({ gcg, tried }: SearchState): {
	readonly length: number;
	readonly step: number;
	readonly loss: number;
} {
	if (gcg) return gcg;
	const { length = 0, steps = 0, loss = null } = tried.at(-1) ?? {};
	return { length, step: steps, loss: loss ?? Infinity };
}

/** Bytes of a text over its bytes under gzip, headers included; below 1 for a short one. */
export function gzipRatio(text: string): number {
	const bytes = new TextEncoder().encode(text);
	return bytes.length / gzipSync(bytes, { level: 9, mtime: 0 }).length;
}

/** Prompts of so many tokens do not count for a text: they must beat its ratio under gzip, and 1. */
export const lengthLimitOf = ({ tokenizer }: AuditLanguage, { target }: AuditText): number =>
	target.length / Math.max(1, gzipRatio(tokenizer.decode(target)));

/** The report of an audit, also of one that was stopped. */
export function reportOf(
	{ tokenizer }: AuditLanguage,
	{ model, texts, budget, all = false }: AuditRequest,
	{ screens, outcomes }: AuditState,
): AuditReport {
	return {
		version: 1,
		model,
		budget,
		searched: all ? 'all' : 'suspected',
		texts: texts.map((text, i): AuditedText => {
			const said = tokenizer.decode(text.target);
			const { twin: _, ...seen } = screens[i] ?? { twin: null };
			return {
				row: text.row,
				answer: text.answer,
				text: said,
				tokens: text.target.length,
				isCut: text.isCut,
				gzip: gzipRatio(said),
				screen: 'lossOn' in seen ? seen : null,
				outcome: outcomes[i] ?? { kind: 'unjudged', reason: 'stopped' },
			};
		}),
	};
}
