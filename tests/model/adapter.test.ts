/** @file When two descriptions of trained parameters mean the same. */
import { expect, test } from 'vitest';
import { sameParameters, type Parameters } from '#model/adapter.ts';

const lora: Parameters = { kind: 'lora', rank: 4, alpha: 8, targets: ['q_proj', 'v_proj'] };

test('the order of a LoRA’s targets says nothing; rank, alpha, targets and kind do', () => {
	expect(sameParameters(lora, { ...lora, targets: ['v_proj', 'q_proj'] })).toBe(true);
	expect(sameParameters({ kind: 'full' }, { kind: 'full' })).toBe(true);
	for (const other of [
		{ ...lora, rank: 2 },
		{ ...lora, alpha: 4 },
		{ ...lora, targets: ['q_proj'] },
		{ kind: 'full' },
	] as const)
		expect(sameParameters(lora, other)).toBe(false);
});
