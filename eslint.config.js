/** @file The rules of the house: who may import whom, what may be named where, how long a file may be. */
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** A zone's `target` may not import its `from`; `from` must be all globs. */
const zones = [
	{
		target: 'src/base/**/*',
		from: [
			'src/{model,graph,engines,training,environments,storage,loop,methods,session,ui,cli}/**/*',
		],
		message: 'base/ stands on nothing.',
	},
	{
		target: 'src/model/**/*',
		from: ['src/{engines,training,environments,storage,loop,methods,session,ui,cli}/**/*'],
		message: 'What a model is does not depend on who runs it.',
	},
	{
		target: 'src/graph/**/*',
		from: ['src/{model,engines,training,environments,storage,loop,methods,session,ui,cli}/**/*'],
		message: 'A graph knows operators, not what they are for.',
	},
	{
		target: 'src/environments/**/*',
		from: ['src/{engines,training,storage,model,graph}/**/*'],
		message: 'A task and its verifier stand alone.',
	},
	{
		target: 'src/{engines,training,environments,storage}/**/*',
		from: ['src/{loop,methods,session,ui,cli}/**/*'],
		message: 'These four do not know the survey.',
	},
	{
		target: 'src/loop/**/*',
		from: [
			'src/{methods,session,ui,cli,graph}/**/*',
			'src/engines/!(engine).ts',
			'src/training/!(trainer).ts',
			'src/environments/!(environment).ts',
			'src/storage/!(store).ts',
			'src/{engines,training,environments,storage}/*/**/*',
		],
		message: 'The loop knows interfaces only.',
	},
	{
		target: 'src/methods/**/*',
		from: ['src/{session,ui,cli}/**/*'],
		message: 'A recipe does not know who runs it.',
	},
	{
		target: 'src/session/**/*',
		from: ['src/{ui,cli}/**/*'],
		message: 'A run does not know who watches it.',
	},
	{
		target: 'src/ui/**/*',
		from: ['src/cli/**/*'],
		message: 'The page runs without a command line.',
	},
	{
		target: 'src/cli/**/*',
		from: ['src/ui/**/*'],
		message: 'The command line runs without a page.',
	},
];

const browserNames = [
	'window',
	'document',
	'navigator',
	'self',
	'indexedDB',
	'localStorage',
	'sessionStorage',
	'location',
	'caches',
	'Worker',
	'fetch',
];
const machineNames = [...browserNames, 'process', 'Buffer', '__dirname'];

const ban = (names) => [
	'error',
	...names.map((name) => ({
		name,
		message: 'Runs anywhere: take what you need from the machine as an argument.',
	})),
];

export default defineConfig(
	{ ignores: ['dist/', 'public/', 'coverage/', 'tests/fixtures/', 'runs/', '.cache/'] },
	{ ignores: ['src/kernel/assembly/*.ts'] }, // AssemblyScript, whose compiler checks it
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	...ts.configs.strictTypeChecked,
	...svelte.configs.recommended, // after the TypeScript block, whose parser it must replace
	{
		languageOptions: {
			globals: { ...globals.browser, ...globals.node },
			parserOptions: {
				projectService: { allowDefaultProject: ['svelte.config.js', 'eslint.config.js'] },
				tsconfigRootDir: import.meta.dirname,
				extraFileExtensions: ['.svelte'],
			},
		},
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
	},
	{
		files: ['**/*.{js,ts,svelte}'],
		plugins: { 'import-x': importX },
		settings: {
			'import-x/resolver-next': [createTypeScriptImportResolver({ project: 'tsconfig.json' })],
		},
		rules: {
			'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
			'import-x/no-cycle': 'error',
			'import-x/no-restricted-paths': ['error', { zones }],
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
			'@typescript-eslint/restrict-template-expressions': [
				'error',
				{ allowNumber: true, allowBoolean: true },
			],
			'@typescript-eslint/no-confusing-void-expression': [
				'error',
				{ ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
			],
			'@typescript-eslint/no-unnecessary-condition': [
				'error',
				{ allowConstantLoopConditions: 'only-allowed-literals' },
			],
			'@typescript-eslint/no-misused-spread': 'off', // a character tokenizer wants code points
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
			],
			'@typescript-eslint/require-await': 'off', // async, so that it rejects and never throws
			'@typescript-eslint/unbound-method': 'off', // objects here are closures; a class has #private fields
			'svelte/no-unused-svelte-ignore': 'off', // svelte-check, which fails on warnings, knows better
			'svelte/prefer-svelte-reactivity': 'off', // state is replaced ($state.raw), never mutated
			eqeqeq: 'error',
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'svelte/no-at-html-tags': 'error', // model text is never HTML
		},
	},
	{
		files: ['src/{loop,methods,environments,base,model,graph}/**/*.ts'],
		ignores: ['src/graph/runtime/**'], // the concrete back ends
		rules: { 'no-restricted-globals': ban(machineNames) },
	},
	{
		files: ['src/{training,engines,storage,session}/**/*.ts', 'src/graph/runtime/**/*.ts'],
		rules: { 'no-restricted-globals': ban(['window', 'document', 'localStorage']) },
	},
	{
		files: ['src/{loop,methods,environments,base,model,graph,training}/**/*.ts'],
		rules: {
			'no-restricted-properties': [
				'error',
				{ object: 'Math', property: 'random', message: 'Seeds come from #base/random.ts.' },
				{ object: 'Date', property: 'now', message: 'No clock here.' },
			],
		},
	},
	{ files: ['**/*.js'], extends: [ts.configs.disableTypeChecked] },
);
