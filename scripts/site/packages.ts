/** @file The packages in each file of the build: of the page's own bundle, and of those of its workers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/** A package of which something is shipped. */
export interface ShippedPackage {
	readonly name: string;
	/** Its folder on this machine. */
	readonly folder: string;
}

/** What the build ships of other people's work. */
export class Shipped {
	readonly #packages = new Map<string, ShippedPackage>();
	readonly #namesIn = new Map<string, Set<string>>();

	/** All packages, by name. */
	get packages(): readonly ShippedPackage[] {
		return [...this.#packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	/** Names of the packages in a file of the build. */
	namesIn(file: string): ReadonlySet<string> {
		return this.#namesIn.get(file) ?? new Set();
	}

	/** A plugin that notes what a bundle is made of; workers have bundles of their own, so each needs one. */
	watch(): Plugin {
		return {
			name: 'evolvarium:packages',
			apply: 'build',
			generateBundle: (_options, bundle) => {
				for (const file of Object.values(bundle)) this.#note(file);
			},
		};
	}

	#note(file: Rolldown.OutputChunk | Rolldown.OutputAsset): void {
		const sources = file.type === 'chunk' ? file.moduleIds : file.originalFileNames;
		for (const source of sources) {
			const shipped = packageOf(source);
			if (!shipped) continue;
			this.#packages.set(shipped.name, shipped);
			const names = this.#namesIn.get(file.fileName) ?? new Set();
			this.#namesIn.set(file.fileName, names.add(shipped.name));
		}
	}
}

/** The package that a file lies in: the innermost `node_modules` of its path. */
function packageOf(source: string): ShippedPackage | undefined {
	const path = source.replaceAll('\\', '/').replace(/^\0/, '').replace(/\?.*$/, '');
	const found = /^(.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(
		path.slice(0, path.lastIndexOf('/') + 1),
	);
	if (!found) return undefined;
	const [, before = '', name = ''] = found;
	return { name, folder: join(process.cwd(), relativeTo(before), 'node_modules', name) };
}

/** The path below the working directory of what may be absolute, or relative already. */
const relativeTo = (path: string): string => {
	const root = `${process.cwd().replaceAll('\\', '/')}/`;
	return path.startsWith(root) ? path.slice(root.length) : path;
};

/** The used part of a package's own description. */
export interface PackageDescription {
	readonly version: string;
	readonly license?: string;
	readonly homepage?: string;
	readonly repository?: string | { readonly url?: string };
}

export const describe = ({ folder }: ShippedPackage): PackageDescription =>
	JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageDescription;
