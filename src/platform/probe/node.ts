/** @file Hardware of the terminal's machine. */
import { availableParallelism, totalmem } from 'node:os';
import { multiplySpeed, type Probe } from '#library/probe.ts';

/** Asks the operating system; `space` is asked of the library. */
export async function probeNode(space: () => Promise<Probe['space']>): Promise<Probe> {
	const free = await space();
	return {
		where: 'terminal',
		cores: availableParallelism(),
		memoryBytes: totalmem(),
		...(free ? { space: free } : {}),
		gigaflops: multiplySpeed(() => performance.now()),
	};
}
