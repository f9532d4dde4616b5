/** @file Audits for the page: run with progress, stopped, taken up again, and kept beside the adapter. */
import { SessionFailure } from '#base/failure.ts';
import { defaultsOf } from '#base/knobs.ts';
import { refusedBy } from '#base/training-knobs.ts';
import type { Models } from '#platform/models.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import type { AdapterChoice, AdapterStore } from '../adapters.ts';
import { audit, newAudit, reportOf, type AuditNews } from './audit.ts';
import { mostStepsLeft, paceOf } from './time-left.ts';
import { auditKnobs, type AuditBudget } from './knobs.ts';
import { withAuditModel } from './open-audit.ts';
import { auditFile, readAuditReport, type AuditReport } from './report.ts';
import { auditKey, readCutOff, writeCutOff } from './resume.ts';
import { auditTexts } from './texts.ts';

export interface AuditAsked {
	/** Chosen by the page; the events of this audit carry it. */
	readonly id: string;
	readonly model: string;
	readonly adapter: AdapterChoice;
	/** What the adapter was taught, or what it might have been. */
	readonly rows: readonly TrainingRow[];
	readonly budget?: Partial<AuditBudget>;
	/** Search for every text, whatever the screen says. */
	readonly all?: boolean;
	/** Rows, from 1, that are searched for in any case. */
	readonly also?: readonly number[];
}

export interface AuditEvent {
	readonly type: 'audited';
	readonly id: string;
	readonly news: AuditNews;
	/** Until the end, at most, by the steps so far; null before the first one. */
	readonly mostMsLeft: number | null;
}

export interface AuditApi {
	/**
	 * Audits an adapter and keeps the report with it, if there is room. The same audit goes on where it was stopped. Rejects with
	 * `bad-request` for rows without a text, and for an adapter that is no LoRA.
	 */
	auditAdapter(asked: AuditAsked): Promise<AuditReport>;
	/** Stops an audit within one step; it resolves with what it has so far. */
	stopAudit(id: string): Promise<void>;
	/** The last report on an adapter that was tuned here. */
	readAudit(adapter: string): Promise<AuditReport | null>;
}

export interface AuditApiParts {
	readonly models: Models;
	readonly adapters: AdapterStore;
	readonly emit: (event: AuditEvent) => void;
	/** Milliseconds. */
	readonly now: () => number;
	readonly stoppable: <T>(id: string, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
	readonly stop: (id: string) => void;
}

/** Beside the adapter, until the audit ends. */
const cutOffFile = 'audit-state.json';

/** Opens the audits of a chat. */
export function openAuditApi(parts: AuditApiParts): AuditApi {
	const { models, adapters, emit, now, stoppable, stop } = parts;
	return {
		auditAdapter: ({
			id,
			model,
			adapter: choice,
			rows,
			budget: asked = {},
			all = false,
			also = [],
		}) =>
			stoppable(id, (signal) =>
				models.using(model, async (opened) => {
					const budget = { ...defaultsOf(auditKnobs), ...asked };
					const refused = refusedBy(auditKnobs, budget);
					if (refused !== undefined) throw new SessionFailure('bad-request', refused);
					const texts = auditTexts(opened, rows, budget.maxTokens);
					if (texts.length === 0)
						throw new SessionFailure(
							'bad-request',
							'There is no text to look for; choose the rows that the adapter was taught.',
						);
					const request = { model, texts, budget, all, also };
					const adapter = await adapters.load(choice, model, opened.spec);
					const own = choice.kind === 'tuned' ? choice.id : null;
					const key = auditKey(adapter, request);
					const before = own && readCutOff(key, await adapters.note(own, cutOffFile));
					let state = before || newAudit(texts);
					const pace = paceOf(now);
					/** No room for a note is no reason to end an audit. */
					const keep = async (name: string, bytes: Uint8Array | null): Promise<void> => {
						if (own) await adapters.annotate(own, name, bytes).catch(() => undefined);
					};
					try {
						await withAuditModel(opened, adapter, signal, async (ready) => {
							for await (const step of audit(opened, ready, request, state)) {
								({ state } = step);
								await keep(cutOffFile, writeCutOff(key, state));
								const mostMsLeft = pace(step.news, mostStepsLeft(opened, request, state));
								emit({ type: 'audited', id, news: step.news, mostMsLeft });
								signal.throwIfAborted();
							}
						});
					} catch (error) {
						// What was done before counts, and is gone on from another time.
						if (!signal.aborted) throw error;
					}
					const report = reportOf(opened, request, state);
					await keep(auditFile, new TextEncoder().encode(JSON.stringify(report)));
					if (!signal.aborted) await keep(cutOffFile, null);
					return report;
				}),
			),
		async stopAudit(id) {
			stop(id);
		},
		async readAudit(adapter) {
			const bytes = await adapters.note(adapter, auditFile);
			return (bytes && readAuditReport(new TextDecoder().decode(bytes))) ?? null;
		},
	};
}
