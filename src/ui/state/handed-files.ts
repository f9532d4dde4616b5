/** @file Data files dropped anywhere on the page: they are handed to Teach, wherever they were let go. */
import type { GivenFile } from '#library/library-api.ts';
import { droppedFiles } from '../panels/models/given.ts';
import { linkTo } from './route.svelte.ts';

/** Text to learn from, by its name; models have other files. */
const dataNames =
	/(\.(jsonl|ndjson|csv|tsv|txt|md|markdown|html?)|(^|\/)(conversations|result|messages)\.json)$/i;
const modelNames = /\.(gguf|safetensors|bin|jinja)$|(^|\/)(tokenizer|config|merges|vocab)\b/i;

/** Files to learn from, none of a model. */
export const isData = (files: readonly Pick<GivenFile, 'name'>[]): boolean =>
	files.some(({ name }) => dataNames.test(name)) &&
	!files.some(({ name }) => modelNames.test(name));

let waiting: readonly GivenFile[] = [];
const listeners = new Set<() => void>();

/** Takes the files that wait; empty if there are none. */
export function takeHanded(): readonly GivenFile[] {
	const files = waiting;
	waiting = [];
	return files;
}

/** Calls back when files are handed over; returns how to stop listening. */
export function onHanded(listener: () => void): () => void {
	listeners.add(listener);
	return () => void listeners.delete(listener);
}

/** Goes to Teach with these files. */
export function handOver(files: readonly GivenFile[]): void {
	waiting = files;
	location.hash = linkTo('teach');
	for (const listener of listeners) listener();
}

/** A drag of files may be let go anywhere; where nobody takes them, the browser would leave the page. */
export function allowData(event: DragEvent): void {
	if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
}

export function takeDropped(event: DragEvent): void {
	// A drop zone of its own has taken it.
	if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
	event.preventDefault();
	void droppedFiles(event.dataTransfer).then((files) => {
		if (isData(files)) handOver(files);
	});
}
