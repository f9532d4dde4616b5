/** @file Training rows out of a file that a person names. */
import { readFile } from 'node:fs/promises';
import { readDataFile } from '#training/data/data-file.ts';
import { TrainingRowError, type TrainingRow } from '#training/data/training-row.ts';
import { UsageError } from './terminal.ts';

/** The rows of `--data`; a usage error names what is wrong with the file. */
export async function readRows(path: string): Promise<readonly TrainingRow[]> {
	const bytes = await readFile(path).catch(() => {
		throw new UsageError(`--data must be a file that can be read; got "${path}".`);
	});
	try {
		return readDataFile(bytes);
	} catch (error) {
		if (error instanceof TrainingRowError) throw new UsageError(error.message);
		throw error;
	}
}
