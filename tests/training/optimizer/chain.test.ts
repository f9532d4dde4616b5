/** @file The parts of an optimizer: the pull of L2-SP and EWC by hand-computed numbers, their order, what they remember. */
import { describe, expect, test } from 'vitest';
import type { Tensor, TensorMap } from '#model/tensor.ts';
import { adamw } from '#training/optimizer/adamw.ts';
import { average } from '#training/optimizer/average.ts';
import { clip } from '#training/optimizer/clip.ts';
import { optimizer } from '#training/optimizer/optimizer.ts';
import { chain, type Part, type Update } from '#training/optimizer/part.ts';
import { pullTo } from '#training/optimizer/pull.ts';
import { defaultOptimizer, DivergedError } from '#training/trainer.ts';

const row = (...values: number[]): Tensor => ({
	shape: [values.length],
	data: Float32Array.from(values),
});
const named = (values: Tensor): TensorMap => new Map([['w', values]]);
const step = (parameters: TensorMap, gradient: readonly number[], normaliser = 1): Update => ({
	...{ step: 1, learningRate: 0.1, loss: 1, parameters, normaliser, factor: 1 },
	gradients: new Map([['w', Float32Array.from(gradient)]]),
	gradientNorm: Math.hypot(...gradient) / normaliser,
});
const gradientOf = ({ gradients }: Update): number[] => [...(gradients.get('w') ?? [])];

describe('the pull', () => {
	const start = named(row(1, -2));
	const moved = named(row(1.5, -1));

	test('of L2-SP adds strength · (θ − θ₀), the weights at the start being θ₀', () => {
		const after = pullTo({ strength: 4 })(start).apply(step(moved, [0.25, 0]));
		// 0.25 + 4 · (1.5 − 1), 0 + 4 · (−1 + 2)
		expect(gradientOf(after)).toEqual([2.25, 4]);
		expect(after.gradientNorm).toBeCloseTo(Math.hypot(2.25, 4), 12);
	});

	test('of EWC weighs each parameter by its Fisher information', () => {
		const importance = new Map([['w', Float32Array.of(0.5, 8)]]);
		const after = pullTo({ strength: 4, importance })(start).apply(step(moved, [0.25, 0]));
		// 0.25 + 4 · 0.5 · 0.5, 0 + 4 · 8 · 1
		expect(gradientOf(after)).toEqual([1.25, 32]);
	});

	test('goes to the reference that is given, which no state then needs to save', () => {
		const pull = pullTo({ strength: 2, reference: named(row(0, 0)) })(start);
		expect(gradientOf(pull.apply(step(moved, [0, 0])))).toEqual([3, -2]);
		expect(pull.memories).toEqual([]);
	});

	test('keeps its strength whatever the gradients are divided by', () => {
		const after = pullTo({ strength: 4 })(start).apply(step(moved, [2, 0], 8));
		expect(gradientOf(after).map((g) => g / 8)).toEqual([2.25, 4]);
	});

	test('leaves the gradient it was given as it was, and at the reference adds nothing', () => {
		const update = step(moved, [0.25, 0]);
		pullTo({ strength: 4 })(start).apply(update);
		expect(gradientOf(update)).toEqual([0.25, 0]);
		expect(gradientOf(pullTo({ strength: 4 })(start).apply(step(start, [0.25, 3])))).toEqual([
			0.25, 3,
		]);
	});

	test('of strength 0 is none, bit for bit', () => {
		const run = (options: Partial<typeof defaultOptimizer>) => {
			const parameters = named(row(0.3, -0.7));
			const part = optimizer({ ...defaultOptimizer, ...options })(parameters);
			for (let i = 1; i <= 5; i++) part.apply({ ...step(parameters, [0.1 * i, -3]), step: i });
			return { parameters, memories: part.memories };
		};
		expect(run({ pull: { strength: 0 } })).toEqual(run({}));
		expect(run({ pull: { strength: 1 } }).parameters).not.toEqual(run({}).parameters);
	});

	test('comes before clipping, which sees the whole gradient', () => {
		const parameters = named(row(1.5, -1));
		const pulled = chain(pullTo({ strength: 4, reference: start }), clip(1))(parameters);
		const after = pulled.apply(step(parameters, [0.25, 0]));
		expect(after.factor).toBeCloseTo(1 / (Math.hypot(2.25, 4) + 1e-6), 12);
	});

	test('that is not finite is refused before anything has moved', () => {
		const parameters = named(row(1.5, -1));
		const part = optimizer({
			...defaultOptimizer,
			pull: {
				strength: 1,
				reference: start,
				importance: new Map([['w', Float32Array.of(3e38, Infinity)]]),
			},
		})(parameters);
		expect(() => part.apply(step(parameters, [0, 0]))).toThrow(DivergedError);
		expect(parameters).toEqual(named(row(1.5, -1)));
	});

	test('refuses what does not fit, with a sentence', () => {
		for (const strength of [-1, NaN, Infinity])
			expect(() => pullTo({ strength })(start)).toThrow(`must be 0 or more, got ${strength}`);
		expect(() => pullTo({ strength: 1, reference: new Map() })(start)).toThrow(
			'w has no reference weights.',
		);
		const importance = new Map([['w', Float32Array.of(1)]]);
		expect(() => pullTo({ strength: 1, importance })(start)).toThrow(
			'The importance of w has 1 values for 2 parameters; they must match.',
		);
	});
});

describe('a chain', () => {
	test('makes the step that its parts make one after another, and remembers what they do', () => {
		const [together, apart] = [named(row(0.3, -0.7)), named(row(0.3, -0.7))];
		const parts: readonly Part[] = [clip(0.5), adamw(defaultOptimizer), average(0.75)];
		const one = chain(...parts)(together);
		const several = parts.map((part) => part(apart));
		for (let i = 1; i <= 3; i++) {
			one.apply({ ...step(together, [i, -1]), step: i });
			several.reduce((so, part) => part.apply(so), { ...step(apart, [i, -1]), step: i });
		}
		expect(together).toEqual(apart);
		expect(one.memories.map(({ kind }) => kind)).toEqual(['first', 'second', 'average']);
		expect(one.memories).toEqual(several.flatMap(({ memories }) => memories));
	});

	test('averages after the parameters have moved', () => {
		const parameters = named(row(1));
		const moves: Part = () => ({
			memories: [],
			apply: (update) => {
				for (const { data } of update.parameters.values()) data.fill(3);
				return update;
			},
		});
		const part = chain(moves, average(0.75))(parameters);
		part.apply(step(parameters, [0]));
		expect(part.memories[0]?.tensors.get('w')?.data).toEqual(Float32Array.of(0.75 * 1 + 0.25 * 3));
	});
});
