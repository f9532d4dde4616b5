/** @file Grammar masks: allowed next tokens, by a walk of the automaton along the trie of a vocabulary. */
import type { Grammar } from '#base/answer-form.ts';
import { BackendError } from '#base/backend-error.ts';
import { acceptsText, automaton, dead, type Automaton } from './automaton.ts';
import { product, type Factor } from './combined.ts';
import { expressionSyntax } from './expression.ts';
import { everything, type Ranges } from './ranges.ts';
import { schemaSyntax } from './schema.ts';
import { tokenTree, writableCharacters, type TokenBytes, type TokenTree } from './vocabulary.ts';

/** A set of tokens: token t is bit t % 32 of word t / 32. */
export type TokenSet = Uint32Array;

export const hasToken = (set: TokenSet, token: number): boolean =>
	(((set[token >>> 5] ?? 0) >>> (token & 31)) & 1) === 1;

/** A grammar over one vocabulary; states are numbers. */
export interface TokenForm {
	readonly start: number;
	/** The tokens that may follow, including end tokens if the answer may end. Never empty. */
	allowed(place: number): TokenSet;
	/** The state after an allowed token. */
	after(place: number, token: number): number;
	/** Trie nodes visited so far, the cost of the masks. */
	readonly visited: number;
}

/** Grammars over one vocabulary; the trie is built once. */
export interface TokenForms {
	open(form: Grammar): TokenForm;
}

/** Masks cached over all grammars: 25 MB for a vocabulary of 49,152. */
const keptMasks = 4096;
/** Grammars cached: a round asks for one of each kind and value of task. */
const keptForms = 256;

function machineOf(form: Grammar, writable: Ranges): Automaton {
	switch (form.kind) {
		case 'expression':
			return automaton(expressionSyntax(form.source), writable);
		case 'json-schema':
			return automaton(schemaSyntax(form.schema), writable);
		case 'all':
		case 'not':
			return product(factorsOf(form, writable));
		default:
			return form satisfies never;
	}
}

function factorsOf(form: Grammar, writable: Ranges): readonly Factor[] {
	if (form.kind === 'all') return form.of.flatMap((part) => factorsOf(part, writable));
	if (form.kind !== 'not') return [{ machine: machineOf(form, writable), negated: false }];
	// The complement within texts: alone it would hold bytes that are no characters.
	const text = { kind: 'expression', source: '[^]*' } as const;
	return [
		{ machine: machineOf(text, writable), negated: false },
		{ machine: machineOf(form.of, writable), negated: true },
	];
}

/** Does a whole text match the grammar? */
export const hasForm = (form: Grammar, text: string): boolean =>
	acceptsText(machineOf(form, everything), text);

/** Grammars over a vocabulary with the end tokens `endTokens`. */
export function tokenForms(vocabulary: TokenBytes, ...endTokens: readonly number[]): TokenForms {
	// An end token is no part of the text, whatever it would write.
	const ends = new Set(endTokens);
	const written = vocabulary.map((bytes, token) => (ends.has(token) ? undefined : bytes));
	let made: { readonly tree: TokenTree; readonly writable: Ranges } | undefined;
	const opened = new Map<string, TokenForm>();
	const masks: Masks = new Map();
	/** Grammars opened so far: each has its own part of the keys of the masks. */
	let grammars = 0;
	return {
		open: (form) => {
			const key = JSON.stringify(form);
			const known = opened.get(key);
			if (known) return known;
			made ??= { tree: tokenTree(written), writable: writableCharacters(written) };
			const machine = machineOf(form, made.writable);
			const first = grammars++ * statesOfGrammar;
			const form_ = tokenForm(machine, made.tree, written, endTokens, { masks, first });
			opened.set(key, form_);
			for (const old of opened.keys()) if (opened.size > keptForms) opened.delete(old);
			return form_;
		},
	};
}

/** Masks of all grammars, the oldest first: by grammar and state. */
type Masks = Map<number, TokenSet>;
const statesOfGrammar = 2 ** 20;

function tokenForm(
	machine: Automaton,
	tree: TokenTree,
	vocabulary: TokenBytes,
	endTokens: readonly number[],
	{ masks, first }: { readonly masks: Masks; readonly first: number },
): TokenForm {
	const words = Math.ceil(Math.max(tree.size, ...endTokens.map((end) => end + 1)) / 32);
	/** Automaton state at each depth of the walk. */
	const states = new Int32Array(tree.deepest + 1);
	let visited = 0;

	const mask = (place: number): TokenSet => {
		const set = new Uint32Array(words);
		let found = 0;
		const add = (token: number): void => {
			const word = token >>> 5;
			set[word] = (set[word] ?? 0) | (1 << (token & 31));
			found++;
		};
		if (machine.accepts(place)) endTokens.forEach(add);
		states[0] = place;
		for (let node = 0; node < tree.nodes;) {
			visited++;
			const depth = tree.depths[node] ?? 0;
			const state = machine.next(states[depth - 1] ?? dead, tree.bytes[node] ?? 0);
			if (state === dead) {
				node = tree.after[node] ?? tree.nodes;
				continue;
			}
			states[depth] = state;
			const end = tree.firstToken[node + 1] ?? 0;
			for (let i = tree.firstToken[node] ?? 0; i < end; i++) add(tree.tokens[i] ?? 0);
			node++;
		}
		if (found === 0)
			throw new BackendError(
				'bad-model',
				'The model’s tokens cannot finish a character that one of them begins; use a model whose tokenizer covers all bytes.',
			);
		return set;
	};

	return {
		start: 0,
		allowed: (place) => {
			const known = masks.get(first + place);
			if (known) return known;
			const set = mask(place);
			for (const old of masks.keys()) if (masks.size >= keptMasks) masks.delete(old);
			masks.set(first + place, set);
			return set;
		},
		after: (place, token) => {
			let state = place;
			for (const byte of vocabulary[token] ?? []) state = machine.next(state, byte);
			return state;
		},
		get visited() {
			return visited;
		},
	};
}
