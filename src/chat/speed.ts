/** @file How fast this machine is with a model: tokens a second of its engine here, and of the same model on WebGPU. */
import { BackendError } from '#base/backend-error.ts';
import type { Engine } from '#engines/engine.ts';
import type { Models } from '#platform/models.ts';
import type { OpenModel, Platform } from '#platform/platform.ts';

/** Tokens a second of one engine. */
export interface EngineSpeed {
	/** Of the engine, for people: `wasm, 2 threads`. */
	readonly runsOn: string;
	/** Of the words of an answer, one after the other. */
	readonly perSecond: number;
}

export interface MachineSpeed {
	readonly model: string;
	/** Milliseconds since 1970. */
	readonly at: number;
	readonly here: EngineSpeed;
	/** The same model on WebGPU; absent if that is not there, or failed. */
	readonly gpu?: EngineSpeed;
	/** Why WebGPU was not measured, one sentence. */
	readonly noGpu?: string;
}

export interface SpeedApi {
	/** Measures for some seconds; on WebGPU the model is opened a second time, and closed again. */
	measureSpeed(model: string): Promise<MachineSpeed>;
}

/** Tokens of an answer that is measured, after those of a warm-up. */
const measured = 24;
const warmUp = 4;
const prompt = 'The history of the city began with a small harbour on the river, where';

export const openSpeedApi = ({
	models,
	platform,
	now,
}: {
	readonly models: Models;
	readonly platform: Pick<Platform, 'now' | 'openOnGpu'>;
	/** Milliseconds of a clock that never goes back. */
	readonly now: () => number;
}): SpeedApi => ({
	measureSpeed: (model) =>
		models.using(model, async ({ engine }) => ({
			model,
			at: platform.now(),
			here: await speedOf(
				{
					description: engine.description,
					stream: (text, options) => engine.streamWith(null, text, options),
				},
				now,
			),
			...(await onGpu(model, platform, now)),
		})),
});

/** Tokens a second after the first one; NaN if the model ends its answer at once. */
export async function speedOf(
	{ description, stream }: Pick<Engine, 'description' | 'stream'>,
	now: () => number,
): Promise<EngineSpeed> {
	const timed = async (maxTokens: number): Promise<{ tokens: number; ms: number }> => {
		let [first, last, tokens] = [0, 0, 0];
		for await (const _ of stream(prompt, { maxTokens })) {
			last = now();
			if (tokens++ === 0) first = last;
		}
		return { tokens, ms: last - first };
	};
	await timed(warmUp);
	const { tokens, ms } = await timed(measured);
	return { runsOn: description, perSecond: ((tokens - 1) * 1000) / ms };
}

/** The same on WebGPU, or why not. */
async function onGpu(
	model: string,
	{ openOnGpu }: Pick<Platform, 'openOnGpu'>,
	now: () => number,
): Promise<Pick<MachineSpeed, 'gpu' | 'noGpu'>> {
	let opened: OpenModel | undefined;
	try {
		const found = await openOnGpu?.(model);
		if (typeof found !== 'object') return { noGpu: found ?? 'There is no WebGPU here.' };
		opened = found;
		return { gpu: await speedOf(opened.engine, now) };
	} catch (error) {
		if (!(error instanceof BackendError)) throw error;
		return { noGpu: `WebGPU could not run it: ${error.message}` };
	} finally {
		await opened?.dispose();
	}
}
