/** @file An audit that was cut off: its state beside a key of what was asked, so that only the same audit goes on from it. */
import * as v from 'valibot';
import {
	count,
	flag,
	list,
	number,
	object,
	oneOf,
	readOr,
	text,
	type Schema,
} from '#base/schema.ts';
import type { Adapter } from '#model/adapter.ts';
import { startSha256 } from '#storage/files/sha256.ts';
import type { AuditRequest, AuditState } from './audit.ts';
import { outcomeSchema } from './report.ts';

const tokens = list(count);
const tried = list(object({ length: count, steps: count, loss: v.nullable(number), found: flag }));
const search = object({
	tried,
	shortest: v.nullable(tokens),
	own: v.nullable(tokens),
	gcg: v.nullable(
		object({
			length: count,
			step: count,
			current: tokens,
			loss: number,
			best: tokens,
			ended: v.nullable(oneOf(['found', 'exhausted'])),
			tried: list(text),
		}),
	),
	ended: flag,
});
const screen = object({
	saidOn: number,
	saidOff: number,
	lossOn: number,
	lossOff: number,
	exposure: v.nullable(number),
	twins: count,
	isSuspected: flag,
	twin: v.nullable(tokens),
});
const stateSchema: Schema<AuditState> = object({
	screens: list(v.nullable(screen)),
	outcomes: list(v.nullable(outcomeSchema)),
	work: v.partial(object({ search, off: search, twin: search })),
});
const cutOffSchema = object({ key: text, state: stateSchema });

/** Name of an audit: the same for the same weights, texts and budget. */
export function auditKey({ parameters, tensors }: Adapter, request: AuditRequest): string {
	const hash = startSha256();
	hash.update(new TextEncoder().encode(JSON.stringify([parameters, request])));
	for (const [name, { data }] of tensors) {
		hash.update(new TextEncoder().encode(name));
		hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
	}
	return hash.finish();
}

/** A state as a file. */
export const writeCutOff = (key: string, state: AuditState): Uint8Array =>
	new TextEncoder().encode(JSON.stringify({ key, state }));

/** The state in a file, if it is of this audit. */
export function readCutOff(key: string, bytes: Uint8Array | undefined): AuditState | undefined {
	if (!bytes) return undefined;
	try {
		const found = readOr(cutOffSchema, JSON.parse(new TextDecoder().decode(bytes)));
		return found?.key === key ? found.state : undefined;
	} catch {
		return undefined; // a torn file: the audit begins anew
	}
}
