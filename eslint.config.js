/** @file The rules of the house: who may import whom, what may be named where, how long a file may be. */
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * The rooms of `src/`, lowest floor first, and the rooms that each may import; a list names single files of a room.
 * Whatever is not listed is refused.
 */
export const mayImport = {
	base: {},
	graph: { base: true },
	model: { base: true, graph: true },
	kernel: { base: true, model: true },
	engines: { base: true, graph: true, model: true, kernel: true },
	training: { base: true, graph: true, model: true, kernel: true },
	objectives: { base: true, training: true },
	dataset: { base: true, model: true, training: true, storage: ['archive/zip.ts'] },
	environments: { base: true },
	seedlings: { base: true, environments: true },
	storage: { base: true, model: true },
	loop: {
		base: true,
		model: true,
		objectives: true,
		engines: ['engine.ts'],
		training: [
			...['trainer.ts', 'train.ts', 'score.ts', 'data/sample.ts', 'data/pack.ts'],
			'optimizer/fisher.ts',
		],
		environments: [
			'answers.ts',
			'dialogue.ts',
			'environment.ts',
			'facets/game.ts',
			'item.ts',
			'score.ts',
			'tasks.ts',
		],
		storage: ['runs/store.ts'],
	},
	methods: { base: true, environments: ['environment.ts'], loop: true },
	library: { base: true, graph: true, model: true, kernel: true, storage: true },
	platform: {
		...{ base: true, graph: true, model: true, kernel: true, engines: true, training: true },
		...{ environments: true, seedlings: true, storage: true, library: true, loop: ['types.ts'] },
	},
	runs: {
		...{ base: true, graph: true, model: true, engines: true, training: true, objectives: true },
		...{ environments: true, seedlings: true, storage: true, loop: true, methods: true },
		...{ library: true, platform: true },
	},
	chat: {
		...{ base: true, model: true, engines: true, training: true, objectives: true },
		...{ storage: true, library: true, platform: true, runs: true, dataset: true },
	},
	teach: {
		...{ base: true, model: true, engines: true, training: true, environments: true },
		...{ storage: true, library: true, platform: true, loop: true, runs: true, chat: true },
		...{ dataset: true, objectives: true },
	},
	worker: {
		...{
			base: true,
			environments: true,
			seedlings: true,
			storage: true,
			loop: true,
			methods: true,
		},
		...{ library: true, platform: true, runs: true, chat: true, dataset: true, teach: true },
	},
};
const rooms = [...Object.keys(mayImport), 'ui', 'cli'];

/** What a room may not import, for `import-x/no-restricted-paths`. */
const zones = [
	...Object.entries(mayImport).map(([room, allowed]) => ({
		target: `src/${room}/**/*`,
		from: rooms
			.filter((other) => other !== room && allowed[other] !== true)
			.flatMap((other) =>
				(allowed[other] ?? []).length === 0
					? [`src/${other}/**/*`]
					: outside(other, allowed[other]),
			),
		message: `${room}/ may import only ${Object.keys(allowed).join(', ') || 'nothing'} (mayImport in eslint.config.js).`,
	})),
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

/** Globs of every file of a room but some, each `file.ts` or `folder/file.ts`. */
function outside(room, files) {
	const folders = [...new Set(files.flatMap((file) => file.split('/').slice(0, -1)))];
	const inside = (folder) =>
		files.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length));
	const own = files.filter((file) => !file.includes('/'));
	return [
		`src/${room}/!(${own.join('|') || 'none'})`,
		`src/${room}/!(${folders.join('|') || 'none'})/**/*`,
		...folders.map((folder) => `src/${room}/${folder}/!(${inside(`${folder}/`).join('|')})`),
	];
}

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
	{ ignores: ['src/kernel/assembly/*.ts', 'src/kernel/assembly/attention/*.ts'] }, // AssemblyScript, whose compiler checks it
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
		files: ['src/{loop,methods,environments,seedlings,objectives,base,model,graph}/**/*.ts'],
		ignores: ['src/graph/runtime/**'], // the concrete back ends
		rules: { 'no-restricted-globals': ban(machineNames) },
	},
	{
		files: [
			'src/{training,dataset,engines,storage,library,platform,runs,chat,teach,worker}/**/*.ts',
			'src/graph/runtime/**/*.ts',
		],
		rules: { 'no-restricted-globals': ban(['window', 'document', 'localStorage']) },
	},
	{
		files: [
			'src/{loop,methods,environments,seedlings,objectives,base,model,graph,training}/**/*.ts',
		],
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
