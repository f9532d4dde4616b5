/** @file Generic method forwarding: a stub of an interface whose calls all go through one function. */
import { SessionFailure } from '#base/failure.ts';

/**
 * A stub of `T`: its own members as they are, and any other method as a call of `call` with its name and arguments.
 * No list of methods is needed, so that an interface can grow without its stubs.
 */
export function forwarding<Own extends object, T extends Own>(
	own: Own,
	call: (method: keyof T & string, args: readonly unknown[]) => Promise<unknown>,
): T {
	const get = (target: Own, name: string | symbol): unknown => {
		if (Object.hasOwn(target, name)) return Reflect.get(target, name);
		// `await` asks any value whether it is a promise.
		if (typeof name === 'symbol' || name === 'then') return undefined;
		return (...args: unknown[]) => call(name as keyof T & string, args);
	};
	return new Proxy(own, { get }) as T;
}

/** Calls a method by name; throws a SessionFailure `bad-request` if there is none. */
export async function callMethod(
	target: object,
	method: string,
	args: readonly unknown[],
): Promise<unknown> {
	const found: unknown = Reflect.get(target, method);
	if (typeof found === 'function') return Reflect.apply(found, target, args) as unknown;
	throw new SessionFailure('bad-request', `Nothing here answers "${method}"; reload the page.`);
}
