/** @file The benchmarks' own project: the settings of the browser tests, other files. Run by `npm run bench`. */
import { defineConfig } from 'vitest/config';
import { browserMode } from '../../scripts/browser-mode.ts';
import { ensureChromium } from '../../scripts/chromium.ts';
import { isolation } from '../../src/ui/offline/headers.ts';

export default defineConfig({
	server: { headers: isolation },
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
