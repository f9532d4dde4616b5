/** @file Measured speeds of models on this machine, kept in local storage, one for each model. */
import * as v from 'valibot';
import { list, number, object, readOr, text } from '#base/schema.ts';
import type { MachineSpeed } from '#chat/speed.ts';
import { language, said, t } from '../../../language/language.svelte.ts';

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
	if (!gpu) return joined(rate(here), said(noGpu ?? ''));
	const ratio = here.perSecond / gpu.perSecond;
	return joined(
		rate(here),
		rate(gpu),
		ratio >= 1
			? t('speed.processor', { times: ratio.toFixed(1) })
			: t('speed.gpu', { times: (1 / ratio).toFixed(1) }),
	);
}

const joined = (...sentences: readonly string[]): string =>
	sentences.join(language.isEnglish ? ' ' : '').trim();

const rate = ({ perSecond, runsOn }: MachineSpeed['here']): string =>
	Number.isFinite(perSecond)
		? t('speed.rate', { n: perSecond.toFixed(perSecond < 10 ? 1 : 0), engine: said(runsOn) })
		: t('speed.tooShort', { engine: said(runsOn) });
