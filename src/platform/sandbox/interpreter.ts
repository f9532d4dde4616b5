/**
 * @file Runs a program in QuickJS, compiled to WebAssembly: no file, no network, no clock, no chance of its own. Steps and
 * bytes are counted, so that it comes to the same end on every machine.
 *
 * The functions are called from outside and their results are compared outside; a program sees its arguments and nothing of
 * what is expected. `console.assert` throws, so that a test that a program brings along can fail.
 */
import { QuickJS, type JSValueHandle } from 'quickjs-wasi';
import type { Program, Ran } from '#environments/programs/sandbox.ts';

/** Calls of the interrupt handler, one for about 5,000 rounds of a loop. */
const mostInterrupts = 200;
const mostBytes = 32 * 2 ** 20;
const mostStack = 128 * 2 ** 10;
const longestResult = 10_000;

/** Every clock stands still and every random number is the same, so that a verdict can be repeated. */
const still = (memory: WebAssembly.Memory) => ({
	clock_time_get(_clock: number, _precision: bigint, at: number): number {
		new DataView(memory.buffer).setBigUint64(at, 0n, true);
		return 0;
	},
	random_get(at: number, length: number): number {
		new Uint8Array(memory.buffer, at, length).fill(1);
		return 0;
	},
	fd_write: () => 0,
});

const prelude = `globalThis.console = {
	log() {}, info() {}, warn() {}, error() {}, debug() {},
	assert(holds, ...said) { if (!holds) throw new Error('Assertion failed' + (said.length > 0 ? ': ' + said.join(' ') : '')); },
};`;

/** Runs a program in an interpreter of its own, with the compiled QuickJS. */
export async function interpret(
	wasm: WebAssembly.Module,
	{ source, name, calls }: Program,
): Promise<Ran> {
	let interrupts = 0;
	const vm = await QuickJS.create({
		...{ wasm, wasi: still, memoryLimit: mostBytes, maxStackSize: mostStack },
		interruptHandler: () => ++interrupts > mostInterrupts,
	});
	try {
		vm.evalCode(prelude).dispose();
		// Taken before the program runs, which may put another in its place.
		const stringify = vm.evalCode('JSON.stringify');
		vm.evalCode(source, 'program').dispose();
		const called = vm.evalCode(`typeof ${name} === 'function' ? ${name} : undefined`);
		const results: (string | null)[] = [];
		for (const call of calls) {
			const result = vm.callFunction(
				called,
				vm.undefined,
				...call.map((one) => vm.hostToHandle(one)),
			);
			results.push(textOf(vm.callFunction(stringify, vm.undefined, result)));
		}
		return { kind: 'ended', results };
	} catch (error) {
		if (interrupts > mostInterrupts) return { kind: 'exhausted', budget: 'steps' };
		const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
		if (reason === 'InternalError: out of memory') return { kind: 'exhausted', budget: 'bytes' };
		return { kind: 'threw', reason: reason.slice(0, 200) };
	} finally {
		vm.dispose();
	}
}

/** A string that is no longer than a result may be; null for anything else. */
function textOf(handle: JSValueHandle): string | null {
	const text = handle.isString ? handle.toString() : null;
	return text !== null && text.length <= longestResult ? text : null;
}
