/** @file Failures of WebGPU as a code on which a run falls back to wasm. */
import { BackendError } from '#base/backend-error.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { namedError } from '#training/tfjs/tfjs-backend.ts';

/** Does `work` on the GPU; an abort stays an abort. */
async function onGpu<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (signal?.aborted) throw error;
		const named = namedError(error);
		if (named instanceof BackendError) throw named;
		const reason = error instanceof Error ? error.message : String(error);
		throw new BackendError('not-available', `WebGPU failed (${reason}); use wasm.`, {
			cause: error,
		});
	}
}

/** The runtime, with its failures under their codes. */
export const namedRuntime = (runtime: GraphRuntime): GraphRuntime => ({
	...runtime,
	open: (model, constants) =>
		onGpu(async () => {
			const session = await runtime.open(model, constants);
			return {
				bind: (feeds) => onGpu(() => session.bind(feeds)),
				run: (feeds, signal) => onGpu(() => session.run(feeds, signal), signal),
				release: () => session.release(),
			};
		}),
});

/** The same for gradients. */
export const namedGradients =
	(open: OpenGradients): OpenGradients =>
	(...model) =>
		onGpu(async () => {
			const backend = await open(...model);
			return {
				description: backend.description,
				...(backend.split && { split: backend.split }),
				gradients: (parameters, batch, signal) =>
					onGpu(() => backend.gradients(parameters, batch, signal), signal),
				logprobs: (parameters, batch, signal) =>
					onGpu(() => backend.logprobs(parameters, batch, signal), signal),
				dispose: () => backend.dispose(),
			};
		});
