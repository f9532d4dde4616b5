/**
 * @file `npm run pack`: the built site as one zip, which runs from a USB stick with any static server, in any folder.
 *
 * A page opened as a file has no service worker and no worker; that is why it needs a server.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';

const start = `Evolvarium, the whole page in one folder. It needs no network.

Serve this folder with any static server, and open the address that it prints:

    python3 -m http.server
    npx serve
    caddy file-server --browse --listen :8000

At http://localhost it runs with all its threads. Opened as a file it cannot run: browsers give a file no workers.
`;

/** Every file of a folder, and how to begin, in one folder of an archive. */
export function packSite(folder: string): Uint8Array {
	const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
		.sort();
	const files = paths.map((path): [string, Uint8Array] => [
		`evolvarium/${path}`,
		readFileSync(join(folder, path)),
	]);
	return zipSync(
		Object.fromEntries([['evolvarium/START.txt', new TextEncoder().encode(start)], ...files]),
		// The same bytes for the same build.
		{ level: 6, mtime: new Date('2026-01-01T00:00:00') },
	);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const root = fileURLToPath(new URL('../', import.meta.url));
	const zip = packSite(join(root, 'dist'));
	writeFileSync(join(root, 'dist.zip'), zip);
	console.log(`dist.zip: ${(zip.length / 1e6).toFixed(1)} MB`);
}
