/** @file Measured speeds of models on this machine, kept in local storage, one for each model. */
import * as v from 'valibot';
import { list, number, object, readOr, text } from '#base/schema.ts';
import type { MachineSpeed } from '#chat/speed.ts';

const key = 'evolvarium.speeds';
/** The oldest go first. */
const most = 20;

const engine = object({ runsOn: text, perSecond: number });
const schema = list(
	object({
		model: text,
		at: number,
		here: engine,
		gpu: v.exactOptional(engine),
		noGpu: v.exactOptional(text),
	}),
);

function all(): readonly MachineSpeed[] {
	try {
		return readOr(schema, JSON.parse(localStorage.getItem(key) ?? '[]')) ?? [];
	} catch {
		return []; // storage is forbidden here, or holds something else
	}
}

export const keptSpeed = (model: string): MachineSpeed | undefined =>
	all().find((speed) => speed.model === model);

export function keepSpeed(speed: MachineSpeed): void {
	const others = all().filter(({ model }) => model !== speed.model);
	try {
		localStorage.setItem(key, JSON.stringify([...others, speed].slice(-most)));
	} catch {
		// storage is forbidden here: it is measured again after a reload
	}
}

/** What the numbers say, in a sentence or two. */
export function speedInWords({ here, gpu, noGpu }: MachineSpeed): string {
	const said = `${rate(here.perSecond)} on ${here.runsOn}.`;
	if (!gpu) return `${said} ${noGpu ?? ''}`.trim();
	const ratio = here.perSecond / gpu.perSecond;
	const both = `${said} ${rate(gpu.perSecond)} on ${gpu.runsOn}.`;
	if (ratio >= 1)
		return `${both} So the processor is ${times(ratio)} as fast here for this model, and answers.`;
	return `${both} So WebGPU would be ${times(1 / ratio)} as fast here for this model; answers still come from the processor, which can also learn.`;
}

const rate = (perSecond: number): string =>
	Number.isFinite(perSecond)
		? `${perSecond.toFixed(perSecond < 10 ? 1 : 0)} tokens a second`
		: 'Too short an answer to measure';
const times = (ratio: number): string => `${ratio.toFixed(1)} times`;
