/** @file Type of the compiler of catalogues, whose package declares it under another path. */
declare module '@messageformat/core/compile-module' {
	import compileModule from '@messageformat/core/lib/compile-module.js';
	export default compileModule;
}
