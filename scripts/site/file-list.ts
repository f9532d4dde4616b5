/** @file The build's list of its own files, with sizes, hashes and parts, written into the service worker. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Plugin } from 'vite';
import type { SiteFile, SitePart } from '../../src/ui/offline/messages.ts';
import type { Shipped } from './packages.ts';

export const serviceWorkerFile = 'service-worker.js';

/** Files that a host reads and no page asks for. */
const forHosts = ['_headers', serviceWorkerFile];

const hex = (bytes: string | Buffer): string =>
	createHash('sha256').update(bytes).digest('hex').slice(0, 20);

/** The list of a built folder. */
export function listFiles(folder: string, shipped: Shipped): readonly SiteFile[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
		.filter((path) => !forHosts.includes(path))
		.sort()
		.map((path) => {
			const bytes = readFileSync(join(folder, path));
			const part = partOf(path, shipped.namesIn(path));
			return { path, bytes: bytes.length, hash: hex(bytes), part };
		});
}

/** Seedlings and models of one's own do without a GPU, TensorFlow.js and web-llm. */
function partOf(path: string, packages: ReadonlySet<string>): SitePart {
	if (packages.has('@mlc-ai/web-llm')) return 'web-llm';
	const isForGpu = /asyncify|ort\.webgpu|tfjs/.test(path);
	return isForGpu || [...packages].some((name) => name.startsWith('@tensorflow/')) ? 'gpu' : 'core';
}

/** Writes the list, and a name made of it, into the built service worker, which any changed file thereby changes. */
export function fileList(shipped: Shipped): Plugin {
	return {
		name: 'evolvarium:file-list',
		apply: 'build',
		writeBundle: {
			order: 'post',
			sequential: true,
			handler({ dir = 'dist' }) {
				const list = JSON.stringify(listFiles(dir, shipped));
				const path = join(dir, serviceWorkerFile);
				const code = readFileSync(path, 'utf8');
				const built = code
					.replace('__BUILD__', hex(code + list))
					.replace(/(["'`])__FILES__\1/, () => JSON.stringify(list));
				writeFileSync(path, built);
			},
		},
	};
}
