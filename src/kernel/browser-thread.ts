/** @file A helper of the kernel in a worker: it takes part in jobs until it is terminated. */
import { instantiate, type Helper } from './thread.ts';

self.onmessage = ({ data }: MessageEvent<Helper>) => {
	void instantiate(data).then(
		({ serve }) => {
			self.postMessage('ready');
			serve(data.team, data.thread, data.scratch);
		},
		(error: unknown) => {
			self.postMessage(String(error));
		},
	);
};
