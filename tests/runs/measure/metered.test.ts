/** @file The meter: tokens, floating-point operations and time of engines and trainers. */
import { expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import { createMeter, noCost } from '#loop/meter.ts';
import { meteredEngine, meteredRoles, meteredTrainer } from '#runs/measure/metered.ts';
import { tinyTrainer } from '../../loop/tiny-trainer.ts';

/** A clock that goes on by half a second whenever it is read. */
const clock = () => {
	let at = 0;
	return () => (at += 500);
};
const telling = () =>
	scripted({ script: ['abc', 'de'], score: (_prompt, said) => Array.from(said, () => -1) });

test('counts the tokens of prompts and answers, two operations for each parameter', async () => {
	const meter = createMeter();
	const engine = meteredEngine(telling(), { meter, parameters: 1000, now: clock() });
	await engine.generate(['12345', '1'], { maxTokens: 9 });
	expect(meter.total).toEqual({
		...noCost,
		tokensIn: 6,
		tokensOut: 5,
		flop: 2 * 1000 * 11,
		seconds: 0.5,
	});
});

test('counts a streamed answer once it has ended, and gives what the engine gives', async () => {
	const meter = createMeter();
	const engine = meteredEngine(telling(), { meter, parameters: 10, now: clock() });
	const pieces: string[] = [];
	for await (const piece of engine.stream('12', { maxTokens: 9 })) pieces.push(piece.text);
	expect(pieces.join('')).toBe('abc');
	expect(meter.total).toMatchObject({ tokensIn: 2, tokensOut: 3, flop: 100 });
});

test('counts training by its tokens without padding, and goes on from an earlier sum', async () => {
	const meter = createMeter({ ...noCost, tokensTrained: 100 });
	const open = meteredTrainer(tinyTrainer, { meter, parameters: 10, now: clock() });
	const trainer = await open({ kind: 'full' }, {}, { seed: 1 });
	// Rows of 3 and 2 tokens, padded to 4.
	const batch = {
		...{ batch: 2, length: 4, normaliser: 2 },
		tokens: Int32Array.of(1, 2, 3, 0, 1, 2, 0, 0),
		weights: Float32Array.of(0, 1, 0, 1, 0, 0),
	};
	await trainer.step(batch, 0.1);
	expect(meter.total).toMatchObject({ tokensTrained: 105, flop: 6 * 10 * 5, seconds: 0.5 });
	await trainer.dispose();
});

test('counts no operations of a model elsewhere, whose size nobody knows', async () => {
	const meter = createMeter();
	const [frozen, elsewhere] = [telling(), telling()];
	const roles = meteredRoles({ judge: frozen, critic: elsewhere }, frozen, {
		...{ meter, parameters: 10, now: clock() },
	});
	await roles.critic?.generate(['1'], { maxTokens: 9 });
	expect(meter.total).toMatchObject({ tokensIn: 1, tokensOut: 3, flop: 0 });
	await roles.judge?.generate(['1'], { maxTokens: 9 });
	expect(meter.total.flop).toBe(2 * 10 * 4);
});
