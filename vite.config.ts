/** @file How the page is served and built, and how the three test projects run. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { browserMode } from './scripts/browser-mode.ts';
import { findChromium } from './scripts/chromium.ts';
import { contentSecurityPolicy, isolation, workerPolicy } from './scripts/headers.ts';
import { writeRegistries } from './scripts/write-registries.ts';

const serviceWorker = 'service-worker';

/** Give the service worker a new name for its cache whenever any built file changed, and the policy of workers. */
function buildInServiceWorker(): Plugin {
	return {
		name: 'evolvarium:service-worker',
		apply: 'build',
		generateBundle(_options, bundle) {
			const files = Object.keys(bundle).sort().join();
			const build = createHash('sha256')
				.update(files + workerPolicy)
				.digest('hex')
				.slice(0, 12);
			for (const file of Object.values(bundle)) {
				if (file.type === 'chunk' && file.name === serviceWorker)
					file.code = file.code
						.replace('__BUILD__', build)
						.replace(/(["'`])__POLICY__\1/, () => JSON.stringify(workerPolicy));
			}
		},
	};
}

/** Write the indexes of environments, methods and cells before anything reads them. */
function indexesOfParts(): Plugin {
	return {
		name: 'evolvarium:indexes',
		async config() {
			await writeRegistries(import.meta.dirname);
		},
	};
}

/** Write the content security policy into the built HTML, where any static host keeps it. */
function policyInHtml(): Plugin {
	return {
		name: 'evolvarium:content-security-policy',
		apply: 'build',
		transformIndexHtml: () => [
			{
				tag: 'meta',
				attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
				injectTo: 'head-prepend',
			},
		],
	};
}

// only tests need a browser: a wrong CHROME_PATH must not keep the page from being built
const executablePath = process.env['VITEST'] === undefined ? null : findChromium();

export default defineConfig({
	base: './',
	appType: 'mpa', // one page: what does not exist is not found, as on a static host
	plugins: [indexesOfParts(), svelte(), policyInHtml(), buildInServiceWorker()],
	build: {
		target: 'es2023',
		assetsInlineLimit: 0, // an inlined .onnx would be a data: URL, which the policy forbids
		chunkSizeWarningLimit: 2048,
		rolldownOptions: {
			checks: { bundlerTimings: false },
			input: { index: 'index.html', [serviceWorker]: 'src/ui/service-worker.ts' },
			output: {
				entryFileNames: ({ name }) =>
					name === serviceWorker ? `${name}.js` : 'assets/[name]-[hash].js',
			},
		},
	},
	worker: { format: 'es', rolldownOptions: { checks: { bundlerTimings: false } } },
	server: { headers: isolation },
	preview: { headers: isolation }, // the policy is in the HTML
	optimizeDeps: {
		// its module finds the .wasm beside itself
		exclude: ['onnxruntime-web'],
		// whatever is found late reloads the page in the middle of a test
		include: [
			'@huggingface/jinja',
			'@huggingface/tokenizers',
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
