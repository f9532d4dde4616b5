/** @file Opens the kernel where a page would, in a worker, and says what the small model answers. */
import { openBrowserKernel } from '#kernel/browser.ts';
import { askSmallModel } from '../kernel/recorded.ts';

self.onmessage = async () => {
	const kernel = await openBrowserKernel(2);
	const { description } = kernel;
	self.postMessage({ description, said: await askSmallModel(kernel) });
};
