/** @file The id of a policy: a hash of its base model, of every byte of its adapters, and of its memory. */
import { hash32 } from '#base/random.ts';
import type { Memory } from '#loop/policy/memory.ts';
import type { Adapter } from '#model/adapter.ts';

/** 64 bits in hex; changes with any weight, so an engine that speaks with stale ones is noticed. */
export function policyId(
	base: string,
	adapter: Adapter | null,
	memory: Memory = [],
	modules: readonly { readonly difficulty: number; readonly adapter: Adapter }[] = [],
): string {
	// Two independent 32-bit lanes over whole words: about 1 ms per million weights, no crypto needed.
	let high = hash32(`high/${base}/${JSON.stringify(adapter?.parameters ?? null)}`);
	let low = hash32(`low/${base}/${JSON.stringify(adapter?.parameters ?? null)}`);
	const tensors = [
		...(adapter?.tensors ?? []),
		...modules.flatMap(({ difficulty, adapter: own }) =>
			[...own.tensors].map(([name, tensor]) => [`${difficulty}/${name}`, tensor] as const),
		),
	];
	for (const [name, { data }] of tensors) {
		high ^= hash32(`high/${name}`);
		low ^= hash32(`low/${name}`);
		// A copy only where the view is not aligned to words.
		const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
		for (const word of new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length)) {
			high = Math.imul(high ^ word, 0x85ebca6b);
			high ^= high >>> 15;
			low = Math.imul(low ^ word, 0xc2b2ae35) + 0x27d4eb2f;
			low ^= low >>> 13;
		}
	}
	// An empty memory leaves the ids of runs without one as they were.
	if (memory.length > 0) {
		high ^= hash32(`high/${JSON.stringify(memory)}`);
		low ^= hash32(`low/${JSON.stringify(memory)}`);
	}
	const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
	return hex(high) + hex(low);
}
