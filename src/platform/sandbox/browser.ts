/** @file The sandbox of the page: a worker that is started when the first program is judged. */
import { sandboxOn, type Answer, type StartThread } from './sandbox.ts';

const start: StartThread = ({ answer, died }) => {
	const worker = new Worker(new URL('./sandbox-worker.ts', import.meta.url), {
		type: 'module',
		name: 'sandbox',
	});
	worker.onmessage = ({ data }: MessageEvent<Answer>) => {
		answer(data);
	};
	worker.onerror = ({ message }) => {
		died(message === '' ? 'the interpreter could not be loaded' : message);
	};
	return {
		ask: (question) => {
			worker.postMessage(question);
		},
		end: () => {
			worker.terminate();
		},
	};
};

/** Of this page or worker; its thread is not there before it is needed. */
export const pageSandbox = sandboxOn(start);
