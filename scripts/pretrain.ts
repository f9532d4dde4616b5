/**
 * @file Makes the seedlings of `public/models/` from seeded synthetic data, with our own trainer on onnxruntime-node.
 *
 *   npm run pretrain -- addition            one seedling; goes on where it was stopped
 *   npm run pretrain -- all                 every one that is missing
 *   npm run pretrain -- addition --seed 2 --out runs/models/addition-2      to compare
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { derive, random } from '#base/random.ts';
import { learningRate } from '#base/schedule.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { pad, end } from '#environments/alphabet.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { pretrainingStream } from '#seedlings/pretraining.ts';
import type { PretrainingExample, PretrainingPosition } from '#seedlings/pretraining.ts';
import { seedlings, type Seedling } from '#seedlings/seedlings.ts';
import { pretrainingRecipes, type PretrainingRecipe } from '#seedlings/recipes.ts';
import type { SeedlingName } from '#seedlings/alphabets.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import {
	characterTokenizer,
	characterTokenizerFiles,
} from '#model/tokenizers/character-tokenizer.ts';
import { writeModel } from '#model/checkpoint/export.ts';
import { readSafetensors, writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { initialiseModel } from '#training/initialise.ts';
import { supervised } from '#objectives/supervised.ts';
import { pack } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { train } from '#training/train.ts';
import { countRight } from './hold-dialogues.ts';
import { modelCard, type PretrainingReport } from './model-card.ts';

/** Where a stopped pre-training stands. */
interface Checkpoint {
	readonly step: number;
	readonly position: PretrainingPosition;
	/** Index into the recipe's stages. */
	readonly stage: number;
	/** Step at which the stage's longest length was reached; its cosine counts from here. */
	readonly reached: number | null;
	readonly smoothed: number;
	readonly seconds: number;
	readonly log: readonly string[];
}

const { positionals, values } = parseArgs({
	allowPositionals: true,
	options: {
		threads: { type: 'string', default: '1' },
		seed: { type: 'string' },
		out: { type: 'string' },
	},
});
const runtime = openNodeRuntime(Number(values.threads));

function recipeOf(name: SeedlingName): PretrainingRecipe {
	const recipe = pretrainingRecipes[name];
	if (!recipe) throw new RangeError(`Seedling ${name} has no recipe of pre-training.`);
	return recipe;
}

const specOf = (name: SeedlingName): ModelSpec => {
	const { hidden, layers, heads, rotary = 0 } = recipeOf(name);
	return {
		architecture: 'SmolLM3ForCausalLM',
		vocabularySize: alphabets[name].length,
		hiddenSize: hidden,
		intermediateSize: Math.floor((8 * hidden) / 3 / 16) * 16,
		layers,
		heads,
		keyValueHeads: heads,
		headSize: hidden / heads,
		normEpsilon: 1e-6,
		ropeTheta: 10_000,
		rope: Array.from({ length: layers }, (_, layer) => layer < rotary),
		tiedEmbeddings: true,
		attentionBias: false,
		queryKeyNorm: false,
		contextLength: 512,
		endToken: 1,
		padToken: 0,
	};
};

async function pretrain(name: SeedlingName): Promise<void> {
	const folder = values.out ?? `public/models/${name}`;
	const recipe = {
		...recipeOf(name),
		...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
	};
	const spec = specOf(name);
	const tokenizer = characterTokenizer({ pad, end, characters: alphabets[name].slice(2) });
	const cache = `.cache/pretrain/${folder.replaceAll('/', '-')}`;
	await mkdir(cache, { recursive: true });
	const open = openGradientTrainer(
		spec,
		initialiseModel(spec, derive(recipe.seed, 'weights')),
		(s, base, parameters) => openOnnxGradients(runtime, s, base, parameters),
	);
	const trainer = await open(
		{ kind: 'full' },
		{ weightDecay: recipe.weightDecay, beta2: 0.99, clip: 1 },
		{ seed: recipe.seed },
	);

	const saved = await read<Checkpoint>(`${cache}/checkpoint.json`);
	let at: Checkpoint = saved ?? {
		step: 0,
		position: { index: 0, longest: 0 },
		stage: 0,
		reached: null,
		smoothed: NaN,
		seconds: 0,
		log: [],
	};
	if (saved) {
		const bytes = new Uint8Array(await readFile(`${cache}/state-${saved.step}.safetensors`));
		await trainer.restore({
			parameters: { kind: 'full' },
			steps: saved.step,
			tensors: readSafetensors(bytes).tensors,
		});
	}
	const seedling: Seedling = seedlings[name];
	const lessons = seedling.lessons();
	const stream = pretrainingStream(seedling, recipe.seed, saved?.position);
	const log = [...at.log];
	let { step, stage, reached, smoothed, seconds } = at;
	let began = performance.now();
	const keep = async (): Promise<void> => {
		seconds += (performance.now() - began) / 1000;
		began = performance.now();
		at = { step, position: stream.position, stage, reached, smoothed, seconds, log };
		await save(cache, at, (await trainer.state()).tensors);
	};

	const draw = () =>
		recipe.stages[stage]
			? pack(
					stream.take(recipe.batch).map((example) => sampleOf(example, tokenizer)),
					{ padToken: spec.padToken },
				)
			: null;
	/** Constant while the lengths grow, then a cosine down to a tenth. */
	const rate = (): number => {
		const settle = recipe.stages[stage]?.settle ?? 0;
		const fall = { shape: 'cosine', peak: 1, steps: settle + 1, warmUp: 0, floor: 0.1 } as const;
		const decay = reached === null ? 1 : learningRate(fall, step - reached);
		const warm = Math.min(1, (step + 1) / 50);
		return recipe.learningRate * warm * decay;
	};
	await train(trainer, draw, supervised, {
		steps: Infinity,
		learningRate: rate,
		onStep: async ({ loss, gradientNorm }) => {
			const goal = recipe.stages[stage];
			if (!goal) return;
			smoothed = Number.isNaN(smoothed) ? loss : 0.97 * smoothed + 0.03 * loss;
			step++;
			if (reached === null && smoothed < recipe.lengthenBelow) {
				if (stream.position.longest < goal.longest && stream.lengthen())
					smoothed = recipe.lengthenBelow * 2;
				else reached = step;
			}
			if (reached !== null && step >= reached + goal.settle) {
				stage++;
				reached = null;
				await keep();
			}
			if (step >= recipe.maxSteps)
				throw new Error(`${name} has not learned in ${step} steps; change its recipe.`);
			if (step % 100 === 0) {
				const line = `${step}\t${smoothed.toFixed(4)}\t${gradientNorm.toFixed(3)}\t${stream.position.longest}`;
				log.push(line);
				console.log(name, line);
			}
			if (step % 250 === 0) await keep();
		},
	});

	const weights = trainer.adapter().tensors;
	const engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
	const scores: PretrainingReport['scores'][number][] = [];
	for (const environment of lessons) {
		const [from, to] = environment.range ?? [seedling.range[0], seedling.range[1] + 4];
		for (let d = from; d <= Math.min(to, environment.tasks.difficulty.max); d++)
			for (const stratum of environment.tasks.strata) {
				const items = drawHeldOut(environment, d, stratum, 200, derive(recipe.seed, 'examination'));
				if (items.length === 0) continue;
				const tasks = items.map((item, i) => ({
					item,
					view: environment.tasks.views(item, 1, seeded(recipe.seed, i))[0] ?? {},
				}));
				const correct = await countRight(engine, environment, d, tasks);
				const title = lessons.length > 1 ? `${environment.words.title} ` : '';
				scores.push({ what: `${title}${stratum}`, difficulty: d, correct, n: items.length });
				console.log(name, d, stratum, `${correct}/${items.length}`);
			}
	}
	await engine.dispose();
	await trainer.dispose();

	await mkdir(folder, { recursive: true });
	const files = new Map<string, string | Uint8Array>([
		...writeModel(spec, weights),
		...characterTokenizerFiles({ pad, end, characters: alphabets[name].slice(2) }),
		['training.tsv', `step\tloss\tgradient norm\tlongest\n${log.join('\n')}\n`],
		[
			'README.md',
			modelCard(name, spec, recipe, { steps: step, seconds, glimpses: seedling.glimpses, scores }),
		],
	]);
	for (const [file, content] of files) await writeFile(`${folder}/${file}`, content);
}

const seeded = (seed: number, i: number) => random(derive(seed, 'view', i));

/** The tokens of a conversation, of which only what is learnt has a loss. */
function sampleOf({ prompt, spoken }: PretrainingExample, tokenizer: TextTokenizer): Sample {
	const parts = [{ content: prompt, learnt: false }, ...spoken].map(({ content, learnt }) => {
		const tokens = tokenizer.encode(content);
		return { tokens, mask: tokens.map(() => Number(learnt)) };
	});
	return {
		tokens: parts.flatMap(({ tokens }) => tokens),
		mask: parts.flatMap(({ mask }) => mask),
	};
}

async function read<T>(path: string): Promise<T | undefined> {
	try {
		return JSON.parse(await readFile(path, 'utf8')) as T;
	} catch {
		return undefined;
	}
}

/** The weights first, then the note that names them: a torn write loses one checkpoint at most. */
async function save(cache: string, at: Checkpoint, tensors: TensorMap): Promise<void> {
	const before = await read<Checkpoint>(`${cache}/checkpoint.json`);
	await writeFile(`${cache}/state-${at.step}.safetensors`, writeSafetensors(tensors));
	await writeFile(`${cache}/checkpoint.tmp`, JSON.stringify(at));
	await rename(`${cache}/checkpoint.tmp`, `${cache}/checkpoint.json`);
	if (before && before.step !== at.step)
		await rm(`${cache}/state-${before.step}.safetensors`, { force: true });
}

const names = Object.keys(pretrainingRecipes) as SeedlingName[];
const [wanted = 'all'] = positionals;
if (wanted !== 'all' && !names.includes(wanted as SeedlingName)) {
	console.error(`Name a seedling: ${names.join(', ')} or all; got "${wanted}".`);
	process.exit(2);
}
for (const name of wanted === 'all' ? names : [wanted as SeedlingName]) await pretrain(name);
