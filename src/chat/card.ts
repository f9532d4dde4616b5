/**
 * @file Card of an adapter that is given away, as a README.md: base, data hash, recipe, verdict, audit. It names nothing
 * private: no text, no file and no name that a person chose.
 */
import { list, number, object, readOr, text } from '#base/schema.ts';
import { auditBudgetWords, auditVerdict } from './audit/words.ts';
import { countOutcomes, type AuditReport, type Outcome } from './audit/report.ts';

/** What is known of an adapter; what is not is left out of the card, or said to be unknown. */
export interface CardFacts {
	/** Name of the base model. */
	readonly base: string;
	/** Its `adapter_config.json`. */
	readonly config: Uint8Array;
	/** SHA-256 of the training data. */
	readonly dataHash?: string | undefined;
	/** Settings of the training by name. */
	readonly recipe?: Readonly<Record<string, string | number>> | undefined;
	/** One sentence of an examination. */
	readonly verdict?: string | undefined;
	readonly audit?: AuditReport | null | undefined;
}

/** The card in Markdown, with the front matter that model hubs read. */
export function adapterCard({
	base,
	config,
	dataHash,
	recipe = {},
	verdict,
	audit,
}: CardFacts): string {
	const settings = { ...settingsIn(config), ...recipe };
	return `${[
		'---',
		`base_model: ${JSON.stringify(base)}`,
		'library_name: peft',
		'tags: [evolvarium, lora]',
		'---',
		'',
		`# A LoRA of ${base}`,
		'',
		'## Training',
		'',
		'| setting | value |',
		'| --- | --- |',
		...Object.entries(settings).map(([name, value]) => `| ${name} | ${value} |`),
		`| SHA-256 of the data | ${dataHash ?? 'not known'} |`,
		'',
		'## Examination',
		'',
		verdict ?? 'It was not examined.',
		'',
		'## Audit: what would it give away?',
		'',
		...(audit ? auditParts(audit) : ['It was not audited: it may say texts of its training.']),
	].join('\n')}\n`;
}

const configSchema = object({ r: number, lora_alpha: number, target_modules: list(text) });

/** Rank, alpha and targets; nothing if the config is damaged. */
function settingsIn(config: Uint8Array): Readonly<Record<string, string | number>> {
	try {
		const read = readOr(configSchema, JSON.parse(new TextDecoder().decode(config)));
		return read
			? { rank: read.r, alpha: read.lora_alpha, targets: read.target_modules.join(' ') }
			: {};
	} catch {
		return {};
	}
}

const names: Readonly<Record<Outcome['kind'], string>> = {
	memorised: 'given away to a shorter prompt',
	'known-before': 'known to the base model before',
	'shared-form': 'said as its untaught twin is',
	'not-found': 'searched for, not found',
	'not-suspected': 'not suspected',
	unjudged: 'could not be judged',
};

function auditParts(audit: AuditReport): readonly string[] {
	const counts = countOutcomes(audit);
	return [
		auditVerdict(audit),
		'',
		'| outcome | texts |',
		'| --- | --- |',
		...Object.entries(names).map(
			([kind, name]) => `| ${name} | ${counts[kind as Outcome['kind']]} |`,
		),
		'',
		auditBudgetWords(audit),
	];
}
