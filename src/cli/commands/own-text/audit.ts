/** @file `audit`: which of its texts would an adapter give away to a prompt shorter than the text? */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { audit, newAudit, reportOf, type AuditNews } from '#chat/audit/audit.ts';
import { measureAudit, type AuditCost } from '#chat/audit/cost.ts';
import { auditKnobs } from '#chat/audit/knobs.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import { auditKey, readCutOff, writeCutOff } from '#chat/audit/resume.ts';
import { mostStepsLeft, paceOf } from '#chat/audit/time-left.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { auditLines } from '#chat/audit/words.ts';
import { duration } from '#runs/measure/duration.ts';
import { readAdapterFolder } from '#platform/node-files.ts';
import { flagOf, readKnobFlags } from '../../flags.ts';
import { readThreads, withModel } from '../../interruptible.ts';
import { assertWritable, writeOut, writing } from '../../outputs.ts';
import { exitCodes, UsageError, type Terminal } from '../../terminal.ts';
import { readRows } from '../../tune-rows.ts';

type KnobFlags = Readonly<Record<keyof typeof auditKnobs, string>>;
interface AuditFlags extends KnobFlags {
	readonly model: string;
	readonly adapter: string;
	readonly data: string;
	readonly out?: string;
	readonly all?: boolean;
	readonly threads?: string;
	readonly json?: boolean;
}

export async function auditCommand(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('audit'))
		.description(
			'Searches for prompts shorter than a text that make a tuned model say it (adversarial compression).',
		)
		.requiredOption('--model <path>', 'a .gguf file, a folder of safetensors, or a fetched name')
		.requiredOption('--adapter <folder>', 'the LoRA to audit, as PEFT writes it')
		.requiredOption('--data <file>', 'the texts, in the formats of `tune`; its own data, say')
		.option('--out <file>', 'the report as JSON; an audit that was stopped goes on from beside it')
		.option('--all', 'search for every text, not only for those that the screen suspects')
		.option('--threads <number>', 'threads of ONNX Runtime; default: up to four')
		.option('--json', 'JSON lines');
	for (const [name, knob] of Object.entries(auditKnobs))
		command.option(`--${flagOf(name)} <number>`, knob.help, String(knob.default));
	const flags = command.parse([...argv], { from: 'user' }).opts<AuditFlags>();
	const budget = readKnobFlags(auditKnobs, flags);
	const { out, all = false } = flags;
	const threads = readThreads(flags.threads);
	const { training: rows, notes } = await readRows([flags.data], {}, 0);
	for (const note of notes) terminal.tell(note);
	if (out !== undefined) await assertWritable('out', out, 'file');
	return withModel(flags.model, { threads }, terminal, async (model, signal) => {
		const texts = auditTexts(model, rows, budget.maxTokens);
		if (texts.length === 0)
			throw new UsageError('--data holds no text to look for; name a file with answers.');
		const request = { model: model.name, texts, budget, all };
		const adapter = await readAdapterFolder(flags.adapter, model.spec, signal);
		const key = auditKey(adapter, request);
		const part = `${out ?? ''}.part`;
		const before = out === undefined ? undefined : await readFile(part).catch(() => undefined);
		const goesOn = readCutOff(key, before);
		let state = goesOn ?? newAudit(texts);
		const pace = paceOf(() => performance.now());
		const opened = await model.openEngine(signal);
		try {
			await withAuditModel(opened, adapter, signal, async (ready) => {
				if (!goesOn) {
					const cost = await measureAudit(model, ready, request, () => performance.now());
					if (flags.json) terminal.print(JSON.stringify({ type: 'cost', ...cost }));
					else terminal.tell(costWords(cost));
				}
				for await (const step of audit(model, ready, request, state)) {
					({ state } = step);
					if (out !== undefined)
						await writing('out', part, async () => {
							await writeFile(`${part}.new`, writeCutOff(key, state));
							await rename(`${part}.new`, part);
						});
					if (flags.json) terminal.print(JSON.stringify(step.news));
					else {
						const left = pace(step.news, mostStepsLeft(model, request, state));
						terminal.tell(newsWords(step.news, texts.length, left));
					}
					signal.throwIfAborted();
				}
			});
		} catch (error) {
			if (!signal.aborted) throw error;
		}
		const report = reportOf(model, request, state);
		if (out !== undefined) {
			await writeOut('out', out, `${JSON.stringify(report, null, '\t')}\n`);
			if (!signal.aborted) await rm(part, { force: true });
		}
		if (flags.json) terminal.print(JSON.stringify({ type: 'report', report }));
		else for (const line of auditLines(report)) terminal.print(line);
		return signal.aborted ? exitCodes.interrupted : exitCodes.done;
	});
}

function costWords({ texts, screenSeconds, foundSeconds, mostSeconds }: AuditCost): string {
	const many = texts === 1 ? '1 text' : `${texts} texts`;
	return `Measured here: to look at ${many} takes ${duration(texts * screenSeconds)}; one that it knows by heart is mostly found and checked in ${duration(foundSeconds)}, and one that is suspected and not found takes ${duration(mostSeconds)}.`;
}

const phases = { search: 'with the adapter', off: 'without the adapter', twin: 'for its twin' };

function newsWords(news: AuditNews, texts: number, msLeft: number | null): string {
	const left = msLeft === null ? '' : `; ${Math.ceil(msLeft / 1000)} s left at most`;
	switch (news.type) {
		case 'screened':
			return `screened ${news.done}/${news.of}, ${news.suspected} suspected`;
		case 'searched':
			return `text ${news.text + 1}/${texts} ${phases[news.phase]}: ${news.length} tokens, step ${news.step}, loss ${news.loss.toFixed(3)}${left}`;
		case 'judged':
			return `text ${news.text + 1}/${texts}: ${news.outcome.kind}`;
		default:
			return news satisfies never;
	}
}
