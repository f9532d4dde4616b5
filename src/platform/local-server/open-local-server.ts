/** @file Start of the worker that asks one server on the person's own machine. */
import { fetchThrough, type LocalFetch } from './fetch-local.ts';
import { localServerParameter } from './protocol.ts';
import script from './local-server-worker.ts?worker&url';

/** Opens the way to the server of an address, and to no other: its origin is in the address of the script. */
export function openLocalServer(url: string): LocalFetch {
	const address = new URL(script, self.location.href);
	address.searchParams.set(localServerParameter, new URL(url).origin);
	return fetchThrough(new Worker(address, { type: 'module', name: 'local server' }));
}
