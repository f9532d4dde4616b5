/** @file Goes on with a file of the library, a thousand bytes at a time, and says how far it is. */
import { openOpfsLibrary } from '#storage/library/opfs.ts';

interface Task {
	readonly home: string;
	readonly id: string;
	readonly file: string;
}

self.onmessage = async ({ data }: MessageEvent<Task>) => {
	const library = await openOpfsLibrary(data.home);
	const entry = await library?.entry(data.id);
	const bytes = entry?.files.find(({ name }) => name === data.file)?.bytes ?? 0;
	const writer = await library?.append(data.id, data.file);
	while (writer && writer.held < bytes) {
		await writer.write(new Uint8Array(1000).fill((writer.held / 1000) % 256));
		if (writer.held % 100_000 === 0) {
			self.postMessage(writer.held);
			await new Promise((rest) => setTimeout(rest, 1));
		}
	}
	await writer?.close();
	self.postMessage(bytes);
};
