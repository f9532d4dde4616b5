/** @file `npm run docs`: write the generated documents anew. */
import { writeFile } from 'node:fs/promises';
import { documents } from './documents.ts';

for (const { path, write } of documents) {
	await writeFile(new URL(`../${path}`, import.meta.url), await write());
	console.log(path);
}
