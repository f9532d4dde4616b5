/** @file Puts a batch together: which examples, in which words and tokens. */
import type { Prompt } from '#base/prompt.ts';
import type { Random } from '#base/random.ts';
import { writeAnswer } from '#environments/answers.ts';
import { trainingView } from '#environments/tasks.ts';
import { openObjective } from '#objectives/registry.ts';
import type { Example, Said } from '#loop/example.ts';
import type { MixturePart, TrainPlan } from '#loop/plan.ts';
import type { World } from '#loop/types.ts';
import { continuationOf, type Sample } from '#training/data/sample.ts';
import type { Drawn } from './watch.ts';

/** Whether the plan's mixture holds anything that its objective can learn from. */
export const learns = (plan: TrainPlan): boolean =>
	usable(plan).some((part) => part.share > 0 && part.examples.length > 0);

/** The samples of a batch; a pair is two. */
export const compose = (plan: TrainPlan, world: World, stream: Random): readonly Sample[] =>
	drawExamples(plan, world, stream).flatMap(({ samples }) => samples);

/** `batch` examples whose parts of the mixture come in the plan's shares, exact to within one. */
export function drawExamples(plan: TrainPlan, world: World, stream: Random): readonly Drawn[] {
	const { batch } = plan.budget;
	const parts = bounded(plan);
	const total = parts.reduce((sum, part) => sum + part.share, 0);
	// Systematic sampling: one random offset, then equal strides through the shares.
	const offset = stream.next();
	return Array.from({ length: batch }, (_, i) => {
		const part = partAt(parts, ((i + offset) / batch) * total);
		const example = stream.pick(part.examples);
		return { example, samples: samplesOf(example, plan, world, stream) };
	});
}

/** The mixture without the examples that lack what the objective needs. */
function usable(plan: TrainPlan): readonly MixturePart[] {
	const { needs, learnsTexts } = openObjective(plan.objective);
	const fits = (example: Example): boolean => {
		if (needs.includes('pairs'))
			return example.kind === 'pair' || (learnsTexts === true && example.kind === 'text');
		const { tokens, advantage }: Partial<Said> = example.kind === 'text' ? example : {};
		return (
			(!needs.includes('advantages') || advantage !== undefined) &&
			(!needs.includes('sampled-logprobs') ||
				(tokens?.logprobs !== undefined && tokens.prompt !== undefined))
		);
	};
	return plan.mixture.map((part) => ({ ...part, examples: part.examples.filter(fits) }));
}

/** The parts that give examples; one whose examples would repeat too often yields to the others. */
function bounded(plan: TrainPlan): readonly MixturePart[] {
	const { steps, batch } = plan.budget;
	const parts = usable(plan).filter((part) => part.share > 0 && part.examples.length > 0);
	const total = parts.reduce((sum, part) => sum + part.share, 0);
	const limited = parts.map((part) => {
		const most = ((part.repeats ?? Infinity) * part.examples.length) / (steps * batch);
		return { ...part, share: Math.min(part.share / total, most) };
	});
	// Nothing else to fill the batch with: then the limit cannot hold.
	return parts.length > 1 ? widen(limited) : parts;
}

/** Gives what the limited parts left to those without a limit, in proportion. */
function widen(parts: readonly MixturePart[]): readonly MixturePart[] {
	const free = parts.filter((part) => part.repeats === undefined);
	const taken = parts.reduce((sum, part) => sum + part.share, 0);
	const own = free.reduce((sum, part) => sum + part.share, 0);
	if (own === 0) return parts;
	const factor = (own + 1 - taken) / own;
	return parts.map((part) =>
		part.repeats === undefined ? { ...part, share: part.share * factor } : part,
	);
}

function partAt(parts: readonly MixturePart[], at: number): MixturePart {
	let upTo = 0;
	for (const part of parts) {
		upTo += part.share;
		if (at < upTo) return part;
	}
	const last = parts.at(-1);
	if (!last) throw new Error('A plan without examples cannot be trained; keep some first.');
	return last;
}

/** The tokens to learn; under an objective without pairs, the better side of one. */
export function samplesOf(
	example: Example,
	plan: Pick<TrainPlan, 'objective'>,
	world: World,
	stream: Random,
): readonly Sample[] {
	const { environment } = world;
	switch (example.kind) {
		case 'text':
			return [sampleOf(example.prompt, example, world)];
		case 'answer': {
			const { item, answer } = example;
			const view = trainingView(environment.tasks, item, stream);
			const completion = writeAnswer(environment, item, view, answer);
			return [sampleOf(environment.open(item, view).first(), { completion }, world)];
		}
		case 'pair': {
			const { prompt, chosen, rejected } = example;
			if (!openObjective(plan.objective).needs.includes('pairs'))
				return [sampleOf(prompt, chosen, world)];
			return [
				{ ...sampleOf(prompt, chosen, world), pair: 'chosen' },
				{ ...sampleOf(prompt, rejected, world), pair: 'rejected' },
			];
		}
		default:
			return example satisfies never;
	}
}

/** The tokens that were sampled, if they are known; else the text encoded. */
function sampleOf(prompt: Prompt, said: Said, world: World): Sample {
	const { tokenizer } = world;
	const { tokens, advantage } = said;
	const before = tokens?.prompt ?? tokenizer.encode(written(prompt, world));
	// Encoded apart, as they are when the model answers: only the answer is learnt.
	const after = tokens?.completion ?? tokenizer.encode(said.completion);
	// A text comes without its end token, and without one a model would never learn to stop; samples have their own.
	const { endToken } = tokenizer;
	const end = tokens || endToken < 0 || after.at(-1) === endToken ? [] : [endToken];
	const sample = continuationOf(before, [...after, ...end]);
	const beside = (values: readonly number[]) => [...before.map(() => 0), ...values];
	return {
		...sample,
		...(tokens?.logprobs && tokens.prompt && { logprobs: beside(tokens.logprobs) }),
		...(advantage !== undefined && {
			advantage: typeof advantage === 'number' ? advantage : beside(advantage),
		}),
	};
}

function written(prompt: Prompt, { render }: World): string {
	if (typeof prompt === 'string') return prompt;
	if (render) return render(prompt);
	throw new Error(
		'This model has no chat template, so it cannot learn from a chat; choose an instruction-tuned model.',
	);
}
