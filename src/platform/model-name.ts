/** @file The names that models of the library go by in runs and chats. */

/** Prefix of the id of a library model in the names that runs and chats use. */
export const libraryPrefix = 'library:';

/** True if a run's short name means this model of the library, e.g. `owner/SmolLM2-135M-Instruct`. */
export const isCalled = (name: string, wanted: string): boolean =>
	[name, name.slice(name.indexOf('/') + 1)].some((one) =>
		one.toLowerCase().startsWith(wanted.toLowerCase()),
	);
