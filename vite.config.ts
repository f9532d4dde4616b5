/** @file How the page is served and built, and how the three test projects run. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { browserMode } from './scripts/browser-mode.ts';
import { findChromium } from './scripts/chromium.ts';
import { isolation, localServerFolder } from './src/ui/offline/headers.ts';
import { cellsWithoutSteps } from './scripts/site/cells-without-steps.ts';
import { fileList } from './scripts/site/file-list.ts';
import { messages } from './scripts/site/messages.ts';
import { notices } from './scripts/site/notices.ts';
import { Shipped } from './scripts/site/packages.ts';
import { policyInBuild, policyOfServers } from './scripts/site/policy.ts';
import { writeRegistries } from './scripts/write-registries.ts';

const serviceWorker = 'service-worker';

/** What the build ships of others: watched in the page's bundle and in those of its workers. */
const shipped = new Shipped();

/** Write the indexes of environments, methods and cells before anything reads them. */
function indexesOfParts(): Plugin {
	return {
		name: 'evolvarium:indexes',
		async config() {
			await writeRegistries(import.meta.dirname);
		},
	};
}

// only tests need a browser: a wrong CHROME_PATH must not keep the page from being built
const executablePath = process.env['VITEST'] === undefined ? null : findChromium();

export default defineConfig({
	base: './',
	appType: 'mpa', // one page: what does not exist is not found, as on a static host
	plugins: [
		indexesOfParts(),
		messages(),
		svelte(),
		cellsWithoutSteps(),
		policyInBuild(),
		policyOfServers(),
		shipped.watch(),
		notices(shipped, import.meta.dirname),
		fileList(shipped),
	],
	build: {
		target: 'es2023',
		assetsInlineLimit: 0, // an inlined .onnx would be a data: URL, which the policy forbids
		chunkSizeWarningLimit: 2048,
		modulePreload: {
			// A late chunk's own scripts are found when it is read: their names would stand in what comes before the first paint.
			resolveDependencies: (_url, names, { hostType }) =>
				hostType === 'html' ? names : names.filter((name) => name.endsWith('.css')),
		},
		rolldownOptions: {
			checks: { bundlerTimings: false },
			input: { index: 'index.html', [serviceWorker]: 'src/ui/service-worker.ts' },
			output: {
				entryFileNames: ({ name }) =>
					name === serviceWorker ? `${name}.js` : 'assets/[name]-[hash].js',
			},
		},
	},
	worker: {
		format: 'es',
		plugins: () => [shipped.watch()],
		rolldownOptions: {
			checks: { bundlerTimings: false },
			output: {
				// a folder of its own, since hosts give headers by path
				entryFileNames: ({ name }) =>
					`${name === 'local-server-worker' ? localServerFolder : 'assets'}/[name]-[hash].js`,
			},
		},
	},
	server: { headers: isolation },
	preview: { headers: isolation },
	optimizeDeps: {
		// its module finds the .wasm beside itself
		exclude: ['onnxruntime-web'],
		// whatever is found late reloads the page in the middle of a test
		include: [
			'@huggingface/jinja',
			'@huggingface/tokenizers',
			'@messageformat/runtime',
			'@messageformat/runtime/lib/cardinals',
			'@mlc-ai/web-llm',
			'@tensorflow/tfjs',
			'@tensorflow/tfjs-backend-wasm',
			'@tensorflow/tfjs-backend-webgpu',
			'axe-core',
			'birpc',
			'dexie',
			'dompurify',
			'fast-check',
			'fflate',
			'marked',
			'pure-rand/generator/xoroshiro128plus',
			'quickjs-wasi',
			'valibot',
			'virtua/svelte',
		],
	},
	test: {
		projects: [
			{
				extends: true,
				test: {
					name: 'node',
					environment: 'node',
					include: ['tests/**/*.test.ts'],
					exclude: ['tests/browser/**', 'tests/e2e/**'],
					setupFiles: ['tests/setup.ts'],
					testTimeout: 60_000,
					sequence: { groupOrder: 0 },
					// Vitest would leave one of two cores idle; most files need one
					maxWorkers: '100%',
				},
			},
			{
				extends: true,
				test: {
					name: 'browser',
					include: ['tests/browser/**/*.test.ts'],
					setupFiles: ['tests/setup.ts'],
					testTimeout: 120_000,
					sequence: { groupOrder: 1 },
					// two cores: one page at a time, so that no test waits for another's threads
					fileParallelism: false,
					browser: browserMode(executablePath),
				},
			},
			{
				extends: true,
				test: {
					name: 'e2e',
					environment: 'node',
					include: ['tests/e2e/**/*.test.ts'],
					setupFiles: ['tests/setup.ts'],
					globalSetup: ['tests/e2e/build.ts'],
					testTimeout: 180_000,
					hookTimeout: 180_000,
					sequence: { groupOrder: 2 },
					fileParallelism: false,
				},
			},
		],
	},
});
