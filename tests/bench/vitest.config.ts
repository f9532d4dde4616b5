/** @file The benchmarks' own project: the settings of the browser tests, other files. Run by `npm run bench`. */
import { defineConfig } from 'vitest/config';
import { browserMode } from '../../scripts/browser-mode.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { rendererTime } from '../../scripts/processor-time.ts';
import { isolation } from '../../src/ui/offline/headers.ts';
import { processorTimePath } from './processor-time.ts';

export default defineConfig({
	server: { headers: isolation },
	// What is measured can be chosen: `BENCH_PROMPTS=64,1024`.
	envPrefix: ['VITE_', 'BENCH_'],
	plugins: [
		{
			name: 'processor-time',
			configureServer: ({ middlewares }) => {
				middlewares.use(processorTimePath, (_request, response) => {
					response.end(String(rendererTime(process.pid) ?? ''));
				});
			},
		},
	],
	optimizeDeps: {
		exclude: ['onnxruntime-web'],
		include: [
			'@tensorflow/tfjs',
			'@tensorflow/tfjs-backend-wasm',
			'pure-rand/generator/xoroshiro128plus',
		],
	},
	test: {
		include: ['tests/bench/*.bench.ts'],
		fileParallelism: false,
		browser: browserMode(ensureChromium()),
	},
});
