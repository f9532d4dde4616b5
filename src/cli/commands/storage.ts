/** @file `storage`: what the store takes of the disk, and its trash, which can be emptied here. */
import { Command } from 'commander';
import { openNodePlatform } from '#platform/open-node.ts';
import { trashKeptMs } from '#storage/files/trash.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal.ts';

interface StorageFlags {
	readonly out: string;
	readonly emptyTrash?: boolean;
	readonly delete?: string;
	readonly json?: boolean;
}

const keptDays = trashKeptMs / (24 * 60 * 60 * 1000);

export async function storage(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('storage'))
		.description(
			`Says what is stored. Files that no run names are kept in a trash for ${keptDays} days.`,
		)
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--delete <run>', 'delete this run, damaged or not, with all that belongs to it')
		.option('--empty-trash', 'delete what is in the trash now')
		.option('--json', 'one JSON line')
		.parse([...argv], { from: 'user' });
	const flags = command.opts<StorageFlags>();
	const changes = flags.emptyTrash === true || flags.delete !== undefined;
	const { store } = await openNodePlatform({ folder: flags.out, readOnly: !changes });
	try {
		if (flags.delete !== undefined) {
			const id = flags.delete;
			if ((await store.asStored(id)).size === 0)
				throw new UsageError(`There is no run "${id}"; \`runs\` lists those there are.`);
			await store.delete(id);
		}
		if (flags.emptyTrash === true) await store.emptyTrash();
		const entries = await store.entries();
		const damaged = entries.filter(({ kind }) => kind === 'damaged').length;
		const trash = await store.trash();
		terminal.print(
			flags.json === true
				? JSON.stringify({ type: 'storage', runs: entries.length - damaged, damaged, trash })
				: `${entries.length - damaged} runs, ${damaged} damaged; trash: ${trash.files} files, ${(trash.bytes / 1e6).toFixed(1)} MB`,
		);
		return exitCodes.done;
	} finally {
		await store.close();
	}
}
