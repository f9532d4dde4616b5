/** @file The sandbox of the terminal: a worker thread of Node. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { sandboxOn, type Answer, type StartThread } from './sandbox.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
/** A worker thread cannot load TypeScript by itself; what the terminal is run with can. */
const program = `
const { workerData: { loader, thread } } = require('node:worker_threads');
import(loader).then(({ tsImport }) => tsImport(thread, thread)).catch((error) => { setImmediate(() => { throw error; }); });
`;

/** A thread that does not keep the process alive. */
const start: StartThread = ({ answer, died }) => {
	const worker = new Worker(program, {
		eval: true,
		workerData: {
			loader: new URL('dist/esm/api/index.mjs', tsx).href,
			thread: new URL('./sandbox-thread.ts', import.meta.url).href,
		},
		// It needs nothing of what this process was told.
		env: {},
		execArgv: [],
		resourceLimits: { maxOldGenerationSizeMb: 256 },
	});
	worker.unref();
	worker.on('message', (said: Answer) => {
		answer(said);
	});
	worker.on('error', (error) => {
		died(error.message);
	});
	return {
		ask: (question) => {
			worker.postMessage(question);
		},
		end: () => {
			void worker.terminate();
		},
	};
};

export const openNodeSandbox = () => sandboxOn(start);
