/** @file Hardware of the page's machine, as far as the browser reports it. */
import { findGpu } from '#graph/runtime/gpu.ts';
import { multiplySpeed, type Probe } from '#library/probe.ts';

/** Chromium reports 0.25 to 8 GiB, others nothing. */
const mostTold = 8;

/** Runs in the worker, so that the product of matrices does not hold up the page. */
export async function probeBrowser(space: () => Promise<Probe['space']>): Promise<Probe> {
	const { deviceMemory, hardwareConcurrency } = navigator as Navigator & {
		readonly deviceMemory?: number;
	};
	const [free, gpu] = await Promise.all([space(), findGpu()]);
	return {
		where: 'page',
		cores: hardwareConcurrency,
		...(deviceMemory === undefined
			? {}
			: { memoryBytes: deviceMemory * 2 ** 30, memoryIsLeast: deviceMemory >= mostTold }),
		...(gpu ? { gpu } : {}),
		...(free ? { space: free } : {}),
		gigaflops: multiplySpeed(() => performance.now()),
	};
}
