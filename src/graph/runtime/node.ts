/** @file ONNX Runtime in Node, whose threads share one process. */
import os from 'node:os';
import ort from 'onnxruntime-node';
import { createOrtWorker } from './local-worker.ts';
import { createPool } from './pool.ts';
import type { GraphRuntime } from './runtime.ts';

/** One worker with `threads` threads; one thread gives equal results on all machines of a kind. */
export function openNodeRuntime(threads = Math.min(4, os.availableParallelism())): GraphRuntime {
	const worker = createOrtWorker(ort, {
		executionProviders: ['cpu'],
		graphOptimizationLevel: 'all',
		enableMemPattern: false,
		intraOpNumThreads: threads,
		interOpNumThreads: 1,
		logSeverityLevel: 3,
	});
	return createPool(
		[worker],
		`onnxruntime-node, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
	);
}
