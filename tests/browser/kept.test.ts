/** @file Files kept for offline use, in the browser's real caches: one that does not answer costs a wait, and not the site. */
import { afterEach, expect, test } from 'vitest';
import { Kept } from '#ui/offline/kept.ts';
import { hashOf } from '#ui/offline/response.ts';

const scope = new URL('/kept-test/', location.href).href;
/** A real response: one that a script made is not kept. */
const fetched = () => fetch('/icon.svg');
const path = 'kite.svg';

afterEach(async () => {
	for (const name of await caches.keys()) if (name.includes(scope)) await caches.delete(name);
});

/** The real caches, of which those of a name answer nothing, as after a tab that died. */
const stuckAt = (name: string): CacheStorage =>
	new Proxy(caches, {
		get: (target, key) => {
			const never = () => new Promise<never>(() => undefined);
			if (key === 'open')
				return async (asked: string) => {
					const cache = await target.open(asked);
					return asked === name ? { match: never, keys: never, put: never } : cache;
				};
			const value: unknown = Reflect.get(target, key);
			return typeof value === 'function' ? (value.bind(target) as unknown) : value;
		},
	});

async function open(storage: CacheStorage = caches) {
	const bytes = await (await fetched()).arrayBuffer();
	const file = { path, bytes: bytes.byteLength, hash: await hashOf(bytes), part: 'core' } as const;
	let requests = 0;
	const kept = new Kept({
		...{ scope, build: 'b1', files: [file], caches: storage, patienceMs: 100 },
		fetch: () => {
			requests++;
			return fetched();
		},
	});
	const read = async () => (await kept.read(file))?.text();
	const body = new TextDecoder().decode(bytes);
	return { kept, file, read, body, requests: () => requests };
}
const ignore = () => undefined;

test('what was kept is read without the network', async () => {
	const { kept, read, body, requests } = await open();
	await kept.keep(['core'], ignore);
	expect(await read()).toBe(body);
	expect(requests()).toBe(1);
});

test('a cache that does not answer is left for another, which is filled and read', async () => {
	const { kept, file, read, body } = await open(stuckAt(`evolvarium ${scope} b1`));
	expect(await read()).toBeUndefined();
	await kept.write(file, await fetched());
	expect(await read()).toBe(body);
	const reports: unknown[] = [];
	await kept.look(['core'], (report) => reports.push(report));
	const { bytes } = file;
	expect(reports).toEqual([{ type: 'kept', bytes, of: bytes, busy: false }]);
	expect(await caches.keys()).toContain(`evolvarium ${scope} b1 again`);
});

test('files are kept although the cache of an older build does not answer', async () => {
	await caches.open(`evolvarium ${scope} b0`);
	const { kept, read, body } = await open(stuckAt(`evolvarium ${scope} b0`));
	await kept.keep(['core'], ignore);
	expect(await read()).toBe(body);
	expect(await kept.readOlder(path)).toBeUndefined();
});
