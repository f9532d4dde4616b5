/**
 * @file Modules that an adapter's config names, matched as PEFT does (`tuners_utils.check_target_module_exists`): by
 * name, by the end of a path, by a regular expression, and by layer.
 */
import { isRecord } from '#base/untrusted/is-record.ts';
import { BudgetError, workBudget } from '#base/untrusted/budget.ts';
import { workLimits } from '#base/limits.ts';
import { quote } from '#base/untrusted/quote.ts';
import { loraTargets } from '../../adapter.ts';
import { BoundedExpression } from '../../tokenizers/patterns/bounded-expression.ts';

/** Throws a CheckpointError that names the config file. */
export type Fail = (problem: string) => never;
/** Is the module of this path (`model.layers.0.self_attn.q_proj`) meant? */
export type Meant = (module: string) => boolean;

const longest = 10_000;

/** Python's `re.fullmatch`, by a search that is bounded in steps. */
function expression(source: string, name: string, fail: Fail): Meant {
	const refuse = (): never =>
		fail(
			`${name} has the expression ${quote(source)}, which cannot be used; name the modules instead.`,
		);
	if (source.length > longest) return refuse();
	const account = { budget: workBudget({}, name, '') };
	let compiled: BoundedExpression;
	try {
		compiled = new BoundedExpression(`^(?:${source})$`, 'u', account);
	} catch {
		return refuse();
	}
	return (module) => {
		account.budget = workBudget(workLimits.moduleExpression, name, '');
		try {
			return compiled.test(module);
		} catch (error) {
			if (error instanceof BudgetError) return refuse();
			throw error;
		}
	};
}

/** By its whole path, or by the end of it. */
const named =
	(end: string): Meant =>
	(module) =>
		module === end || module.endsWith(`.${end}`);

const isPath = (text: string): boolean => /^[\w.]+$/.test(text);

/** A key of `rank_pattern` or `alpha_pattern`: the end of a path, or an expression for it. */
const keyed = (key: string, name: string, fail: Fail): Meant =>
	isPath(key) ? named(key) : expression(String.raw`(?:.*\.)?(?:${key})`, name, fail);

/** Value of the first key that means a module, or undefined; for `rank_pattern` and `alpha_pattern`. */
export function readPattern(
	value: unknown,
	name: string,
	fail: Fail,
): (module: string) => number | undefined {
	if (value === undefined || value === null) return () => undefined;
	if (!isRecord(value)) return fail(`${name} must map modules to numbers.`);
	const entries = Object.entries(value).map(([key, number]) => {
		if (typeof number !== 'number' || !Number.isFinite(number))
			return fail(`${name} must map modules to numbers, but has ${quote(number)}.`);
		return { means: keyed(key, name, fail), number };
	});
	return (module) => entries.find(({ means }) => means(module))?.number;
}

const isTexts = (value: unknown): value is readonly string[] =>
	Array.isArray(value) && value.every((item) => typeof item === 'string');

/**
 * `target_modules` without `exclude_modules`, in the layers of `layers_to_transform`. Undefined if an expression is among
 * them, since Python's are not quite JavaScript's: the tensors say the same.
 */
export function readSelection(
	config: Readonly<Record<string, unknown>>,
	fail: Fail,
): Meant | undefined {
	const { target_modules: targets, exclude_modules: excluded } = config;
	const left = excluded === undefined || excluded === null || excluded === '' ? [] : excluded;
	const isTransformed = readLayers(config, fail);
	if (typeof targets !== 'string') {
		if (!isTexts(targets) || targets.length === 0)
			return fail('target_modules must be a list of module names.');
		if (new Set(targets).size !== targets.length) fail('target_modules names a module twice.');
		// PEFT passes over names of other families, but these are in every model.
		const other = targets.find((target) => /(^|\.)(lm_head|embed_tokens)$/.test(target));
		if (other !== undefined)
			fail(`target_modules has ${quote(other)}; these are supported: ${loraTargets.join(', ')}.`);
	}
	if (typeof left === 'string') return undefined;
	if (!isTexts(left)) return fail('exclude_modules must be a list of module names.');
	const isExcluded = anyOf(left);
	if (targets === 'all-linear') return (module) => !isExcluded(module);
	if (typeof targets === 'string') return undefined;
	const isTarget = anyOf(targets);
	return (module) => isTarget(module) && !isExcluded(module) && isTransformed(module);
}

/** Any of these names, or ends of paths. */
function anyOf(ends: readonly string[]): Meant {
	const means = ends.map(named);
	return (module) => means.some((one) => one(module));
}

function readLayers(config: Readonly<Record<string, unknown>>, fail: Fail): Meant {
	const { layers_to_transform: layers, layers_pattern: pattern } = config;
	if (layers === undefined || layers === null) return () => true;
	const list: readonly unknown[] = Array.isArray(layers) ? layers : [layers];
	if (!list.every((layer) => Number.isSafeInteger(layer)))
		return fail('layers_to_transform must be a list of whole numbers.');
	if (list.length === 0) return () => true;
	const wanted = new Set(list);
	const patterns =
		pattern === undefined || pattern === null || pattern === '' ? [] : [pattern].flat();
	if (!isTexts(patterns)) return fail('layers_pattern must be a list of names.');
	const before = (patterns.length === 0 ? ['[^.]*'] : patterns).map((one) =>
		expression(String.raw`.*\.(?:${one})`, 'layers_pattern', fail),
	);
	return (module) => {
		const path = module.split('.');
		for (const means of before)
			for (let at = path.length - 2; at > 0; at--)
				if (/^\d+$/.test(path[at] ?? '') && means(path.slice(0, at).join('.')))
					return wanted.has(Number(path[at]));
		return false;
	};
}
