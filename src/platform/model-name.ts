/** @file The names that models of the library go by in runs and chats. */

/** Before the id of a model of the library, where runs and chats ask for it by name. */
export const libraryPrefix = 'library:';

/** Whether a model of the library, as `owner/SmolLM2-135M-Instruct`, is the one that a run asks for by a short name. */
export const isCalled = (name: string, wanted: string): boolean =>
	[name, name.slice(name.indexOf('/') + 1)].some((one) =>
		one.toLowerCase().startsWith(wanted.toLowerCase()),
	);
