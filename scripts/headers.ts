/**
 * @file The security headers of the page, in one place: development, preview, tests and the built HTML all take them from here.
 */

/** Makes the page cross-origin isolated, which threads in WebAssembly need. */
export const isolation = {
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

/**
 * Whom the page and its workers may ask. Each is asked only when a person says so: the hub for a model by name, a library
 * of web-llm for a role given to one of its models, a server of the person's own machine (Ollama, llama.cpp, vLLM) for a
 * role given to that.
 */
const reach = [
	"'self'",
	'https://huggingface.co https://*.huggingface.co https://*.hf.co',
	'https://raw.githubusercontent.com/mlc-ai/binary-mlc-llm-libs/',
	// An IPv6 address cannot be written in a policy.
	'http://localhost:* http://127.0.0.1:*',
].join(' ');

/**
 * What the page may load and run: itself, and nothing else; whom it may ask: see above.
 *
 * `wasm-unsafe-eval` compiles WebAssembly (it does not allow `eval`); charts and the virtual list set
 * inline styles; ONNX Runtime starts its threads from blobs on some paths.
 */
export const contentSecurityPolicy = [
	"default-src 'self'",
	"script-src 'self' 'wasm-unsafe-eval'",
	"style-src 'self' 'unsafe-inline'",
	"worker-src 'self' blob:",
	`connect-src ${reach}`,
	"img-src 'self' data: blob:",
	"font-src 'self'",
	"object-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
].join('; ');

/** A worker is not bound by what stands in the HTML, only by a header of its own: the service worker adds it. */
export const workerPolicy = `connect-src ${reach}`;
