/** @file The lint rules that keep the layers can fail: each is shown what it must refuse. */
import { fileURLToPath } from 'node:url';
import { ESLint, type Linter } from 'eslint';
import { importX } from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));

describe('layers', () => {
	// the rules are read from eslint.config.js, and run without types, which is fast
	const lint = async (path: string, text: string): Promise<readonly string[]> => {
		const whole = (await new ESLint({ cwd: root }).calculateConfigForFile(path)) as {
			readonly rules: Readonly<Record<string, Linter.RuleEntry>>;
			readonly settings: Record<string, unknown>;
		};
		const names = [
			'import-x/no-restricted-paths',
			'no-restricted-globals',
			'no-restricted-properties',
		];
		const rules = Object.fromEntries(names.map((name) => [name, whole.rules[name] ?? 'off']));
		const linter = new ESLint({
			cwd: root,
			overrideConfigFile: true,
			overrideConfig: {
				files: ['**/*.ts'],
				plugins: { 'import-x': importX },
				languageOptions: { parser: ts.parser },
				settings: whole.settings,
				rules,
			},
		});
		const [result] = await linter.lintText(text, { filePath: path });
		return result?.messages.map((message) => message.ruleId ?? message.message) ?? ['not linted'];
	};
	const zone = ['import-x/no-restricted-paths'];

	test.each([
		['src/loop/1-acquire/task/probe.ts', '#engines/engine.ts', []],
		['src/loop/1-acquire/task/probe.ts', '#training/optimizer/adamw.ts', zone],
		['src/loop/1-acquire/task/probe.ts', '#training/gradients.ts', zone],
		['src/loop/3-update/probe.ts', '#training/train.ts', []],
		['src/loop/3-update/probe.ts', '#training/data/pack.ts', []],
		['src/loop/3-update/probe.ts', '#training/data/epochs.ts', zone],
		['src/loop/probe.ts', '#storage/runs/store.ts', []],
		['src/loop/probe.ts', '#storage/runs/dexie.ts', zone],
		['src/loop/probe.ts', '#storage/files/opfs.ts', zone],
		['src/loop/3-update/in-weight/probe.ts', '#objectives/dpo.ts', []],
		['src/loop/probe.ts', '#methods/parts/method.ts', zone],
		['src/engines/probe.ts', '#loop/types.ts', zone],
		['src/environments/probe.ts', '#loop/types.ts', zone],
		['src/training/probe.ts', '#runs/session.ts', zone],
		['src/training/probe.ts', '#engines/engine.ts', zone],
		['src/kernel/probe.ts', '#engines/engine.ts', zone],
		['src/kernel/probe.ts', '#model/spec.ts', []],
		['src/library/probe.ts', '#loop/types.ts', zone],
		['src/platform/probe.ts', '#runs/session.ts', zone],
		['src/runs/probe.ts', '#chat/chat-api.ts', zone],
		['src/storage/probe.ts', '#model/spec.ts', []],
		['src/storage/probe.ts', '#loop/types.ts', zone],
		['src/graph/probe.ts', '#model/spec.ts', zone],
		['src/model/probe.ts', '#graph/graph.ts', []],
		['src/base/probe.ts', '#model/spec.ts', zone],
		['src/methods/probe.ts', '#runs/session.ts', zone],
		['src/runs/probe.ts', '#loop/types.ts', []],
		['src/worker/probe.ts', '#ui/offline/response.ts', zone],
		['src/cli/probe.ts', '#ui/offline/response.ts', zone],
		['src/ui/probe.ts', '#runs/session.ts', []],
	])('%s importing %s breaks %j', async (path, specifier, broken) => {
		expect(await lint(path, `import '${specifier}';\n`)).toEqual(broken);
	});

	test('a cell that reaches for the page, the clock or unseeded chance fails lint', async () => {
		const text = 'window.close(); Math.random(); Date.now(); process.exit();\n';
		const broken = await lint('src/loop/2-refine/filter/probe.ts', text);
		expect(broken.filter((rule) => rule === 'no-restricted-globals')).toHaveLength(2);
		expect(broken.filter((rule) => rule === 'no-restricted-properties')).toHaveLength(2);
	});
});
