/** @file `npm run docs`: write the indexes of parts and the generated documents anew. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { writeRegistries } from './write-registries.ts';

for (const path of await writeRegistries(fileURLToPath(new URL('../', import.meta.url))))
	console.log(path);

// Read only now, when the indexes that it imports are fresh.
const { documents } = await import('./documents.ts');

for (const { path, write } of documents) {
	await writeFile(new URL(`../${path}`, import.meta.url), await write());
	console.log(path);
}
