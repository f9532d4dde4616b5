/** @file Svelte: runes everywhere, no preprocessor (the language of script blocks is erasable TypeScript). */
export default {
	compilerOptions: { runes: true },
};
