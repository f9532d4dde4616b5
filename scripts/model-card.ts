/** @file The card of a seedling: what it is, how it was made, what it can do, in Markdown. */
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { Glimpses } from '#seedlings/pretraining.ts';
import type { PretrainingRecipe } from '#seedlings/recipes.ts';

export interface PretrainingReport {
	readonly steps: number;
	readonly seconds: number;
	readonly glimpses?: Glimpses | undefined;
	readonly scores: readonly {
		readonly what: string;
		readonly difficulty: number;
		readonly correct: number;
		readonly n: number;
	}[];
}

export function modelCard(
	name: string,
	spec: ModelSpec,
	recipe: PretrainingRecipe,
	{ steps, seconds, glimpses, scores }: PretrainingReport,
): string {
	const parameters = [...weightShapes(spec).values()].reduce((n, shape) => n + sizeOf(shape), 0);
	const rows = scores.map(
		({ what, difficulty, correct, n }) => `| ${difficulty} | ${what} | ${correct} of ${n} |`,
	);
	const longer = glimpses
		? `\nOne problem in ${glimpses.oneIn} is of difficulty ${glimpses.range.join(' to ')}, so that longer ones are no strangers.`
		: '';
	const rotary = spec.rope.filter(Boolean).length;
	const positions = rotary === 0 ? 'no positions' : `rotary positions in ${rotary} of the blocks`;
	return `---
license: mit
library_name: transformers
---

# Seedling: ${name}

A character-level language model of ${parameters.toLocaleString('en')} parameters (${spec.layers} blocks of width ${spec.hiddenSize}, ${spec.heads}
heads, ${positions}), made from scratch by \`npm run pretrain -- ${name}\` in this repository. Licence: MIT.

Data: synthetic and seeded (\`src/seedlings/pretraining.ts\`), true answers, short problems first; no held-out
item is ever drawn. Loss on the answer only. AdamW (β 0.9/0.99, weight decay ${recipe.weightDecay}, clip 1), batch ${recipe.batch},
peak learning rate ${recipe.learningRate}, seed ${recipe.seed}: ${steps.toLocaleString('en')} steps in ${Math.round(seconds / 60)} minutes of onnxruntime-node.${longer}

Greedy, exact match on held-out items:

| difficulty | kind | correct |
| --: | --- | --: |
${rows.join('\n')}
`;
}
