/** @file Adapters tuned in a chat in the private file system: what a closed tab left half written goes, and nothing else. */
import { afterEach, expect, test } from 'vitest';
import { openAdapterFiles } from '#chat/adapter-files.ts';

const home = 'adapters-of-a-test';
const root = () => navigator.storage.getDirectory();
afterEach(async () => {
	await (await root()).removeEntry(home, { recursive: true });
});

/** What a tab that was closed in the middle of writing leaves. */
async function leaveHalf(name: string): Promise<FileSystemDirectoryHandle> {
	const folder = await (await root()).getDirectoryHandle(home, { create: true });
	const partial = await folder.getDirectoryHandle('partial', { create: true });
	await partial.getFileHandle(name, { create: true });
	return partial;
}
const namesIn = async (folder: FileSystemDirectoryHandle): Promise<readonly string[]> => {
	const names: string[] = [];
	for await (const name of folder.keys()) names.push(name);
	return names;
};

test('half a file is removed when the place is opened; whole ones stay', async () => {
	const bytes = Uint8Array.of(1, 2, 3);
	await (await openAdapterFiles(home)).write('tuned/a/x', bytes);
	const partial = await leaveHalf('half');
	const files = await openAdapterFiles(home);
	expect(await namesIn(partial)).toEqual([]);
	expect(await files.list()).toEqual(['tuned/a/x']);
	expect(await files.read('tuned/a/x')).toEqual(bytes);
});

test('files that another tab is writing are left alone', async () => {
	const partial = await leaveHalf('coming');
	let end = (): void => undefined;
	const ended = new Promise<void>((resolve) => (end = resolve));
	const writing = navigator.locks.request(`${home}/partial`, { mode: 'shared' }, () => ended);
	const files = await openAdapterFiles(home);
	expect(await namesIn(partial)).toEqual(['coming']);
	// Several write at a time.
	await files.write('tuned/a/x', Uint8Array.of(1));
	end();
	await writing;
});
