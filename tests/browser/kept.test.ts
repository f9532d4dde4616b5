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

function bound(target: CacheStorage, key: string | symbol): unknown {
	const value: unknown = Reflect.get(target, key);
	return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

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
			return bound(target, key);
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

test('another worker finds what stands in the place of a silent cache at once, without the network', async () => {
	const silent = stuckAt(`evolvarium ${scope} b1`);
	const first = await open(silent);
	await first.kept.keep(['core'], ignore);
	const second = await open(silent);
	expect(await second.read()).toBe(second.body);
	expect(second.requests()).toBe(0);
});

test('a cache that falls silent while files are kept does not keep the rest waiting', async () => {
	const { kept, file, read, body } = await open(stuckAt(`evolvarium ${scope} b1`));
	await kept.write(file, await fetched());
	expect(await read()).toBe(body);
	await kept.drop();
	expect(await read()).toBeUndefined();
});

test('a cache that answers late is asked again', async () => {
	let isSlow = true;
	const slow = new Proxy(caches, {
		get: (target, key) =>
			key === 'open'
				? async (name: string) => {
						const wait = isSlow ? 300 : 0;
						isSlow = false;
						await new Promise((resolve) => setTimeout(resolve, wait));
						return target.open(name);
					}
				: bound(target, key),
	});
	const kept = await open();
	await kept.kept.keep(['core'], ignore);
	const { read, body } = await open(slow);
	expect(await read()).toBeUndefined();
	await expect.poll(read).toBe(body);
});

test('files are kept although the cache of an older build does not answer', async () => {
	await caches.open(`evolvarium ${scope} b0`);
	const { kept, read, body } = await open(stuckAt(`evolvarium ${scope} b0`));
	await kept.keep(['core'], ignore);
	expect(await read()).toBe(body);
	expect(await kept.readOlder(path)).toBeUndefined();
});
