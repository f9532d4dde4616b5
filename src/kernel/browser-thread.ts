/** @file Kernel thread in a web worker: serves jobs until it is terminated. */
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
