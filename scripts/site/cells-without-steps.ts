/**
 * @file Page build without the bodies of cells: the page shows a cell's title, knobs and papers, and the session's worker, whose
 * bundle has its own plugins, runs it. What only a body imports is then left out of what loads before the first words.
 */
import type { Plugin } from 'vite';

interface Node {
	readonly type: string;
	readonly start: number;
	readonly end: number;
}

const instead = `create: () => { throw new Error("A cell runs in the session's worker."); }`;

export function cellsWithoutSteps(): Plugin {
	return {
		name: 'evolvarium:cells-without-steps',
		apply: 'build',
		enforce: 'post',
		transform(code, id) {
			if (!id.includes('/src/loop/') || !code.includes('defineCell(')) return undefined;
			const [create] = createsIn(this.parse(code));
			if (!create) return undefined;
			return { code: code.slice(0, create.start) + instead + code.slice(create.end), map: null };
		},
	};
}

/** The property `create` of the cell that a module declares. */
function createsIn(tree: unknown): readonly Node[] {
	if (typeof tree !== 'object' || tree === null) return [];
	if (isDeclaration(tree)) return tree.arguments[0]?.properties?.filter(isCreate) ?? [];
	return Object.values(tree).flatMap(createsIn);
}

interface Declaration {
	readonly arguments: readonly { readonly properties?: readonly Node[] }[];
}
const isDeclaration = (node: object): node is Declaration =>
	'callee' in node && nameOf(node.callee) === 'defineCell' && 'arguments' in node;
const isCreate = (node: Node): boolean => 'key' in node && nameOf(node.key) === 'create';
const nameOf = (node: unknown): unknown =>
	typeof node === 'object' && node !== null && 'name' in node ? node.name : undefined;
