/**
 * @file Compiler of message catalogues: `page.json?messages` is a file of ICU messages by key, compiled while the page is
 * built into one function a message. Nothing parses a message or makes a function at run time, so the page's policy holds.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import MessageFormat from '@messageformat/core';
import compileModule from '@messageformat/core/compile-module';
import type { Plugin } from 'vite';

const query = '?messages';
/** At the end of the module's id: Vite reads `.json` as data, and looks for imports only in what ends like a script. */
const compiled = '.messages.js';

/** No line ends between a number and its percent sign. */
const unbroken = (_: string, message: unknown): unknown =>
	typeof message === 'string' ? message.replaceAll(/(?<=[\d}]) %/g, '\u00a0%') : message;

/** The module of a catalogue; the name of its folder is its language. */
export function compiledMessages(file: string, text: string): string {
	const messages = JSON.parse(text, unbroken) as Record<string, string>;
	return compileModule(new MessageFormat(basename(dirname(file))), messages);
}

export function messages(): Plugin {
	return {
		name: 'evolvarium:messages',
		enforce: 'pre',
		async resolveId(source, importer) {
			if (!source.endsWith(query)) return undefined;
			const found = await this.resolve(source.slice(0, -query.length), importer);
			return found ? `\0${found.id}${compiled}` : undefined;
		},
		async load(id) {
			if (!id.startsWith('\0') || !id.endsWith(compiled)) return undefined;
			const file = id.slice(1, -compiled.length);
			this.addWatchFile(file);
			return compiledMessages(file, await readFile(file, 'utf8'));
		},
	};
}
