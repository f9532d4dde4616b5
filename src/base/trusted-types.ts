/** @file Trusted Types of a page or worker: the address of a script is one of this site, or it is refused. */

/** The used part of the browser's `trustedTypes`; older browsers have none. */
interface TrustedTypes {
	readonly defaultPolicy: unknown;
	createPolicy(
		name: string,
		rules: { readonly createScriptURL: (address: string) => string | null },
	): unknown;
}

/**
 * Installs the default policy, which lets addresses of this site through and nothing else: no HTML and no program text. Call
 * it before the first `new Worker` of a page or worker, libraries' own included.
 */
export function trustOwnScripts(): void {
	const factory = Reflect.get(globalThis, 'trustedTypes') as TrustedTypes | undefined;
	const { origin, href } = Reflect.get(globalThis, 'location') as { origin: string; href: string };
	if (!factory || factory.defaultPolicy) return;
	factory.createPolicy('default', {
		createScriptURL: (address) => (new URL(address, href).origin === origin ? address : null),
	});
}
