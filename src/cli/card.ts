/** @file Card of an exported adapter, from the files that a person names. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readAuditReport } from '#chat/audit/report.ts';
import { adapterCard } from '#chat/card.ts';
import { sha256 } from '#storage/files/sha256.ts';
import { UsageError } from './terminal.ts';

/** Files to make a card of. */
export interface CardFiles {
	/** Folder of PEFT. */
	readonly adapter: string | undefined;
	/** Report of `audit`. */
	readonly audit: string | undefined;
	/** What the adapter was taught. */
	readonly data: string | undefined;
}

/** The card in Markdown; the base model is called by the name of its file, and the data by its hash. */
export async function cardOf(model: string, { adapter, audit, data }: CardFiles): Promise<string> {
	if (adapter === undefined)
		throw new UsageError('--audit and --data belong to an adapter; name it with --adapter.');
	const config = await named('adapter', join(adapter, 'adapter_config.json'));
	const report =
		audit === undefined
			? undefined
			: readAuditReport(new TextDecoder().decode(await named('audit', audit)));
	if (audit !== undefined && !report)
		throw new UsageError(`--audit must be a report written by \`audit --out\`; got "${audit}".`);
	const dataHash =
		data === undefined ? undefined : await sha256(new Uint8Array(await named('data', data)));
	return adapterCard({ base: basename(model), config, dataHash, audit: report });
}

const named = (flag: string, path: string): Promise<Uint8Array> =>
	readFile(path).catch(() => {
		throw new UsageError(`--${flag} must name what can be read; got "${path}".`);
	});
