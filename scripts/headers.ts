/**
 * @file The security headers of the page, in one place: development, preview, tests and the built HTML all take them from here.
 */

/** Makes the page cross-origin isolated, which threads in WebAssembly need. */
export const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

/** The model hub and the hosts that its files lie on; asked only when a person asks for a model by name. */
const hub = 'https://huggingface.co https://*.huggingface.co https://*.hf.co';

/**
 * What the page may load and run: itself, and nothing else; what it may ask: itself, and the model hub.
 *
 * `wasm-unsafe-eval` compiles WebAssembly (it does not allow `eval`); charts and the virtual list set
 * inline styles; ONNX Runtime starts its threads from blobs on some paths.
 */
export const contentSecurityPolicy = [
	"default-src 'self'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self' 'unsafe-inline'",
	"worker-src 'self' blob:",
	`connect-src 'self' ${hub}`,
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
].join('; ');
