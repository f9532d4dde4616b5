/**
 * @file Runs with experience in a memory store, and a real session over it; the model is scripted: trained it
 * adds, untrained its first digit is wrong.
 */
import { derive, random } from '#base/random.ts';
import { shareEngine } from '#platform/shared-engine.ts';
import { scripted } from '#engines/scripted.ts';
import { openEnvironment } from '#environments/registry.ts';
import { end, pad } from '#environments/alphabet.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import type { Experience, Score } from '#loop/types.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { rowOf } from '#runs/measure/audit.ts';
import { LocalSession } from '#runs/local-session.ts';
import type { Session } from '#runs/session.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { fileReference } from '#storage/runs/references.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import type { RunRecord, Store } from '#storage/runs/store.ts';
import { tinySpec } from '../fixtures/tiny-spec.ts';
import { rolloutOf } from '../loop/rollout/rollouts.ts';

const addition = openEnvironment('addition', { format: 'plain' });
const weights = 'weights/trained.safetensors';

/** A sum of `difficulty` digits, answered in five ways; one in ten labels is false, one in five set aside. */
export function anExperience(t: number, n: number, difficulty: number): Experience {
	const stream = random(derive(7, 'stored', t, n));
	const item = addition.tasks.draw(difficulty, stream);
	const [view = {}] = addition.tasks.views(item, 1, stream);
	const truth = addition.reference.solve(item);
	const given =
		stream.next() < 0.1 ? truth.replace(/\d$/, (d) => String((Number(d) + 1) % 10)) : truth;
	const rollouts = Array.from({ length: 5 }, (_, i) => {
		const answer = i === 4 && n % 5 === 0 ? null : given;
		const completion = answer === null ? '<b>no</b>' : addition.answers.write(item, view, answer);
		return rolloutOf({
			view,
			prompt: addition.open(item, view).first(),
			completion,
			answer,
			...(answer === null && { malformed: 'The answer does not end.' }),
			logprobs: [-0.05],
		});
	});
	const text = addition.words.show(item);
	return {
		id: `t${String(t).padStart(3, '0')}-${String(n).padStart(6, '0')}`,
		t,
		task: { id: `task-${t}-${n}`, item, difficulty, stratum: addition.tasks.stratumOf(item), text },
		rollouts,
		feedback: {
			kind: 'scored',
			source: 'model',
			score: n % 5 === 0 ? 0.8 : 1,
			answer: given,
			each: rollouts.map(({ answer }) => (answer === null ? null : 1)),
		},
		fate:
			n % 5 === 0
				? { kind: 'set-aside', by: '2-refine/filter/metric-free', reason: 'only 4 of 5 agree' }
				: { kind: 'kept', examples: [{ kind: 'answer', item, difficulty, answer: given }] },
		policy: 'p-3f9a17c2',
	};
}

/** Five turns of markup, two of them the model's, that ended because no turns were left. */
export const dialogue: Rollout = {
	...{ id: 'solver/0', group: 'task', seat: 'solver', view: {} },
	turns: [
		{ role: 'system', content: 'Add with the tool.', sampled: false },
		{ role: 'user', content: 'What is <i>12 + 30</i>?', sampled: false },
		{
			...{ role: 'assistant', content: '<b>add 12 30</b>', sampled: true },
			...{ tokens: [5, 6], logprobs: [-0.2, -0.3] },
		},
		{ role: 'tool', content: '42', sampled: false },
		{ role: 'assistant', content: 'It is 42.', sampled: true },
	],
	stopReason: 'max-turns',
	answer: '42',
	rewards: {
		correct: { value: 1, weight: 1 },
		format: { value: 0.5, weight: 0.2 },
		style: { unjudged: '<b>nobody</b> looked' },
	},
};

export const rowsOf = (
	runId: string,
	rounds: number,
	perRound: number,
): Promise<readonly ExperienceRow[]> =>
	Promise.all(
		Array.from({ length: rounds }, (_, i) => i + 1).flatMap((t) =>
			Array.from({ length: perRound }, async (_, n) => {
				const row = await rowOf(runId, anExperience(t, n, 8 + (t % 20)), addition);
				return row.fate === 'kept' && n % 2 === 0 ? { ...row, trainedIn: [t] } : row;
			}),
		),
	);

const scoresOf = (rounds: number, from: number): readonly Score[] =>
	Array.from({ length: rounds + 1 }, (_, t) => ({
		t,
		policy: `p-${t}`,
		frontier: from + t,
		threshold: 0.9,
		cells: Array.from({ length: 6 + t }, (_, i) => from - 3 + i).flatMap((difficulty) =>
			['equal', 'unequal'].map((stratum) => ({
				difficulty,
				stratum,
				correct: difficulty <= from + t ? 198 : Math.max(0, 140 - 60 * (difficulty - from - t)),
				n: 200,
			})),
		),
	}));

export function aStoredRun(
	id: string,
	changes: Partial<RunRecord> = {},
	trained = true,
): RunRecord {
	const parameters = { kind: 'lora', rank: 2, alpha: 2, targets: ['q_proj'] } as const;
	return {
		id,
		name: `Run ${id}`,
		recipe: {
			method: 'easy-to-hard',
			environment: 'addition',
			seed: 1,
			rounds: 5,
			knobs: { format: 'plain' },
			model: 'addition-plain',
		},
		status: 'finished',
		createdAt: Date.UTC(2026, 10, 21, 9, 30),
		updatedAt: Date.UTC(2026, 10, 21, 9, 35),
		spentMs: 245_000,
		version: 1,
		engine: 'wasm, 2 workers',
		trainer: 'onnx, wasm, 2 workers',
		state: {
			t: 5,
			phase: 'evaluate',
			objective: { ability: 'addition', direction: 'improve-performance', difficulty: 13 },
			experience: [],
			policy: {
				id: 'p-5',
				adapter: trained ? { parameters, file: fileReference(weights) } : null,
				trainer: null,
			},
		},
		scores: scoresOf(5, 8),
		truths: [],
		curve: [],
		...changes,
	};
}

/** A store with these runs and rows in it. */
export async function storeOf(
	runs: readonly { readonly run: RunRecord; readonly rows: readonly ExperienceRow[] }[],
): Promise<Store> {
	const store = openMemoryStore();
	const tensor = { shape: [1], data: new Float32Array([1]) };
	await store.files.write(weights, writeSafetensors(new Map([['x.lora_A.weight', tensor]])));
	for (const { run, rows } of runs) await store.commit({ run, experiences: rows });
	return store;
}

const spec = tinySpec(alphabets.addition);

/** Writes the answer the way the environment reads it, the first digit wrong where nothing was learned. */
function answerTo(prompt: string, trained: boolean): string {
	const [a = '0', b = '0'] = (prompt.match(/\d+/g) ?? []).map((digits) =>
		[...digits]
			.reverse()
			.join('')
			.replace(/^0+(?=\d)/, ''),
	);
	const item = { a, b };
	const [view = {}] = addition.tasks.views(item, 1, random(0));
	const truth = addition.reference.solve(item);
	const answer = trained ? truth : truth.replace(/^\d/, (d) => String((Number(d) % 9) + 1));
	return addition.answers.write(item, view, answer);
}

export const sessionOver = (store: Store): Session =>
	new LocalSession({
		store,
		openModel: () =>
			Promise.resolve({
				name: 'scripted',
				engine: shareEngine(
					scripted({ script: (prompt, { adapter }) => answerTo(prompt, adapter !== null) }),
				),
				openTrainer: () => Promise.reject(new Error('Nothing is trained in this test.')),
				tokenizer: characterTokenizer({ pad, end, characters: alphabets.addition.slice(2) }),
				spec,
				tokenizerFiles: new Map(),
				description: 'none',
				dispose: () => Promise.resolve(),
			}),
		now: () => 0,
	});

/** A finished run with 200 experiences, and a paused one without, of a hostile name. */
export const twoRuns = async (): Promise<Store> =>
	storeOf([
		{ run: aStoredRun('a', { name: 'First try' }), rows: await rowsOf('a', 5, 40) },
		{
			run: aStoredRun(
				'b',
				{
					name: '<img src=x onerror=alert(1)>',
					status: 'paused',
					recipe: { ...aStoredRun('b').recipe, seed: 9, knobs: { format: 'plain', rank: 4 } },
					scores: aStoredRun('b').scores.slice(0, 3),
				},
				false,
			),
			rows: [],
		},
	]);
