/** @file Comparison of two adapters after `forget`: an audit of what was left out, and the loss of the rest. */
import { audit, newAudit, reportOf } from '#chat/audit/audit.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import { isSaidTo } from '#chat/audit/oracle.ts';
import { memorisedRows, type AuditReport } from '#chat/audit/report.ts';
import { auditTexts, type AuditText } from '#chat/audit/texts.ts';
import type { Lineage } from '#chat/lineage.ts';
import type { Adapter } from '#model/adapter.ts';
import { fillToken } from '#model/model-spec.ts';
import type { LargeModel } from '#platform/large-model.ts';
import { auditSizes } from '#teach/audit/sizes.ts';
import { samplesWithout } from '#teach/forget/without.ts';
import { forgottenVerdict, forgottenWords, type ForgottenText } from '#teach/forget/words.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { meanLoss, rowLosses } from '#training/validate.ts';
import type { Terminal } from '../terminal.ts';

interface Forgotten {
	learntOf(ids: readonly string[]): readonly (TrainingRow | undefined)[];
	/** Ids of the rows left out now, and of those that stay. */
	readonly dropped: readonly string[];
	readonly kept: readonly string[];
	readonly lineage: Lineage;
}

const { budget } = auditSizes.quick;

/** Prints what was found of each row left out, before and after, and the loss of those that stay. */
export async function compareForgotten(
	model: LargeModel,
	{ old, now }: { readonly old: Adapter; readonly now: Adapter },
	data: Forgotten,
	{
		terminal,
		json,
		signal,
	}: { readonly terminal: Terminal; readonly json: boolean; readonly signal: AbortSignal },
): Promise<void> {
	const engine = await model.openEngine(signal);
	const rows = data.learntOf(data.dropped).flatMap((row) => row ?? []);
	const texts = auditTexts(model, rows, budget.maxTokens);
	const run = (adapter: Adapter, also: readonly number[] = []): Promise<AuditReport> =>
		withAuditModel(engine, adapter, signal, async (ready) => {
			const request = { model: model.name, texts, budget, also };
			let state = newAudit(texts);
			for await (const step of audit(model, ready, request)) {
				({ state } = step);
				signal.throwIfAborted();
			}
			return reportOf(model, request, state);
		});
	const before = await run(old);
	// What came out before is searched for again, even if the screen does not suspect it any more.
	const after = await run(now, memorisedRows(before));
	const found: (ForgottenText & { readonly row: string })[] = [];
	await withAuditModel(engine, now, signal, async (ready) => {
		for (const [i, { row, outcome }] of before.texts.entries()) {
			const [text, other]: readonly [
				AuditText | undefined,
				AuditReport['texts'][number] | undefined,
			] = [texts[i], after.texts[i]];
			if (!text || !other) continue;
			const retried =
				outcome.kind === 'memorised' ? await isSaidTo(model, ready, text, outcome.prompt) : null;
			const id = data.dropped[row - 1] ?? '';
			found.push({ row: id, before: outcome.kind, after: other.outcome.kind, retried });
		}
	});
	const loss = {
		before: await lossOf(model, old, data, signal),
		after: await lossOf(model, now, data, signal),
	};
	if (json) {
		terminal.print(JSON.stringify({ type: 'compared', texts: found, othersLoss: loss, budget }));
		return;
	}
	for (const one of found)
		terminal.print(`Row ${one.row}: ${one.before} → ${one.after}. ${forgottenWords(one)}`);
	terminal.print(forgottenVerdict(found));
	terminal.print(
		`Loss of the ${data.kept.length} rows that stay: ${loss.before.toFixed(3)} → ${loss.after.toFixed(3)} nats a token.`,
	);
}

async function lossOf(
	model: LargeModel,
	adapter: Adapter,
	{ kept, lineage: { maxTokens }, ...data }: Forgotten,
	signal: AbortSignal,
): Promise<number> {
	const { training } = samplesWithout(model, data, { rows: kept, dropped: [], maxTokens });
	const trainer = await model.openTrainer(adapter.parameters, {}, { seed: 1, start: adapter });
	try {
		const options = { padToken: fillToken(model.spec), rowsPerBatch: 4, signal };
		return meanLoss(await rowLosses(trainer, training, options));
	} finally {
		await trainer.dispose();
	}
}
