/** @file Every objective against PyTorch: the loss of its paper, and the gradient that autograd finds. */
import { expect, test } from 'vitest';
import { addPenalties, weightedLoss, type Objective } from '#objectives/objective.ts';
import { openObjective, openPenalty } from '#objectives/registry.ts';
import { pack } from '#training/data/pack.ts';
import expected from '../fixtures/objectives/expected.json' with { type: 'json' };

const clip = { name: 'policy-gradient', ratio: 'clip', clipLow: 0.2, clipHigh: 0.28 } as const;
const dpo = { name: 'dpo', beta: 0.3, likelihood: 0 } as const;
const penalty = openPenalty({ name: 'kl', coefficient: 0.7, estimator: 'k3' });
const tokens = openObjective({ ...clip, average: 'tokens' });

const cases: readonly (readonly [keyof typeof expected.cases, Objective])[] = [
	['supervised', openObjective({ name: 'supervised' })],
	['dpo', openObjective({ ...dpo, labelSmoothing: 0 })],
	['dpo-smoothed', openObjective({ ...dpo, labelSmoothing: 0.1 })],
	['policy-gradient-tokens', tokens],
	['policy-gradient-answers', openObjective({ ...clip, average: 'answers' })],
	['policy-gradient-sums', openObjective({ ...clip, average: 'sums' })],
	['kl-k3', penalty],
	['policy-gradient-tokens+kl-k3', addPenalties(tokens, [penalty])],
];

/** The recorded rows; their tokens do not matter. */
const batch = pack(
	expected.mask.map((mask, row) => ({
		tokens: [0, ...mask.map((_, t) => t)],
		mask: [0, ...mask],
		logprobs: [0, ...(expected.sampled[row] ?? [])],
		advantage: expected.advantages[row] ?? NaN,
		pair: row % 2 === 0 ? 'chosen' : 'rejected',
	})),
	{ padToken: 0 },
);
const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());

test.each(cases)('%s has the loss and the gradient of PyTorch', async (name, objective) => {
	const policy = flat(expected.policy);
	const weighed = await objective.weigh(batch, {
		policy: () => Promise.resolve(policy),
		reference: () => Promise.resolve(flat(expected.reference)),
	});
	const { loss, weights } = expected.cases[name];
	const relative = 1e-4;
	expect([weighed.metrics['loss'] ?? weightedLoss(weighed, policy)]).toBeAllclose([loss], {
		relative,
	});
	expect(weighed.weights).toBeAllclose(flat(weights), { relative, absolute: 1e-6 });
});
