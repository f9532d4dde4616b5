/** @file Roles of the nodes of a parsed chat template: which of them feed an operation whose cost depends on its operands. */

/** An operation, and what is known of it before any value is. */
export interface Operation {
	readonly kind: 'filter' | 'call' | 'binary' | 'slice' | 'index' | 'other';
	/** Name of the filter or method, or the operator. */
	readonly name: string;
	/** Nodes within a macro or call block, which are all looked through when it is defined. */
	readonly nodes: number;
}

/** The part that a node plays in the operation above it. */
export interface Role {
	readonly of: object;
	readonly as: 'operand' | 'argument' | 'iterable' | 'output';
}

export interface Roles {
	readonly operations: ReadonlyMap<object, Operation>;
	readonly roles: ReadonlyMap<object, Role>;
}

type Fields = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Fields & { readonly type: string } =>
	typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
const list = (value: unknown): readonly unknown[] =>
	Array.isArray(value) ? (value as readonly unknown[]) : [];
const textOf = (node: unknown): string =>
	isNode(node) && typeof node['value'] === 'string' ? node['value'] : '';

/** Walks a program once. */
export function rolesOf(program: object): Roles {
	const operations = new Map<object, Operation>();
	const roles = new Map<object, Role>();
	const give = (node: unknown, of: object, as: Role['as']): void => {
		if (!isNode(node)) return;
		// The value of a keyword argument, and a list that is spread.
		const inner =
			node.type.startsWith('Keyword') && isNode(node['value']) ? node['value'] : undefined;
		const spread =
			node.type.includes('Spread') && isNode(node['argument']) ? node['argument'] : undefined;
		roles.set(inner ?? spread ?? node, { of, as });
	};
	const describe = (node: Fields & { readonly type: string }, nodes: number): void => {
		const put = (kind: Operation['kind'], name = ''): void => {
			operations.set(node, { kind, name, nodes });
		};
		switch (node.type) {
			case 'FilterExpression':
			case 'FilterStatement': {
				const filter = node['filter'];
				const isCall = isNode(filter) && filter.type === 'CallExpression';
				put('filter', textOf(isCall ? filter['callee'] : filter));
				give(node['operand'], node, 'operand');
				if (isCall) for (const argument of list(filter['args'])) give(argument, node, 'argument');
				for (const part of list(node['body'])) give(part, node, 'operand');
				return;
			}
			case 'CallExpression': {
				const callee = node['callee'];
				const isMethod = isNode(callee) && callee.type === 'MemberExpression';
				put('call', textOf(isMethod ? callee['property'] : callee));
				if (isMethod) {
					// A method by its name in brackets is no index.
					operations.delete(callee);
					give(callee['object'], node, 'operand');
				}
				for (const argument of list(node['args'])) give(argument, node, 'argument');
				return;
			}
			case 'BinaryExpression':
				put('binary', textOf(node['operator']));
				give(node['left'], node, 'operand');
				give(node['right'], node, 'argument');
				return;
			case 'MemberExpression': {
				const property = node['property'];
				if (!isNode(property) || node['computed'] !== true) return;
				if (property.type === 'SliceExpression') put('slice');
				else {
					put('index', '[]');
					give(property, node, 'argument');
				}
				// A callee has its role already.
				if (isNode(node['object']) && !roles.has(node['object']))
					give(node['object'], node, 'operand');
				return;
			}
			case 'For': {
				const iterable = node['iterable'];
				const isSelect = isNode(iterable) && iterable.type === 'SelectExpression';
				give(isSelect ? iterable['lhs'] : iterable, node, 'iterable');
				break;
			}
			default:
		}
		put('other');
		for (const name of ['body', 'alternate', 'defaultBlock'])
			for (const part of list(node[name])) give(part, node, 'output');
	};
	/** Number of nodes in a value. */
	const visit = (value: unknown): number => {
		if (value instanceof Map)
			return [...value].flat().reduce((sum: number, item) => sum + visit(item), 0);
		if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + visit(item), 0);
		if (!isNode(value)) return 0;
		let nodes = 1;
		for (const item of Object.values(value)) nodes += visit(item);
		describe(value, nodes);
		return nodes;
	};
	visit(program);
	return { operations, roles };
}
