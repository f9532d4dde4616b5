/** @file Build the site once, before the end-to-end tests. */
import { build } from 'vite';

/** Vitest calls this before the first end-to-end file. */
export default async function setup(): Promise<void> {
	await build({ logLevel: 'warn' });
}
