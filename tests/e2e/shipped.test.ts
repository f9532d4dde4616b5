/** @file The built folder: every package in it comes with its terms, and the service worker's list is true. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, dist), 'utf8');

/** `name version (licence)` above the terms that several packages may share. */
const entries = (): readonly (readonly [string, string])[] =>
	read('licences.txt')
		.split(`\n\n${'-'.repeat(80)}\n\n`)
		.flatMap((block) => {
			const [head = '', ...terms] = block.split('\n\n');
			const names = head.split('\n').map((line) => /^(\S+) \d\S* \(/.exec(line)?.[1]);
			return names.flatMap((name): [string, string][] =>
				name === undefined ? [] : [[name, terms.join('\n\n')]],
			);
		});

test('every package that is shipped has its terms in the build', () => {
	const found = entries();
	// What the built code itself betrays of each, as far as minified code does.
	const marks: Readonly<Record<string, RegExp>> = {
		svelte: /svelte-trusted-html/,
		dompurify: /isSupported=.{0,40}|DOMPurify/,
		dexie: /Dexie/,
		'onnxruntime-web': /ort-wasm-simd-threaded/,
		'@tensorflow/tfjs-core': /tfjs/,
		'@mlc-ai/web-llm': /mlc-chat|WebWorkerMLCEngine/,
		'@huggingface/jinja': /Parser Error|Unterminated/,
		valibot: /Invalid .{0,20}received|valibot/i,
	};
	const code = readdirSync(new URL('assets/', dist))
		.filter((name) => name.endsWith('.js'))
		.map((name) => read(`assets/${name}`))
		.join('\n');
	for (const [name, mark] of Object.entries(marks)) {
		expect(code, name).toMatch(mark);
		expect(found.map(([known]) => known)).toContain(name);
	}
	for (const [name, terms] of found)
		expect(terms, name).toMatch(
			/Permission is hereby granted, free of charge|TERMS AND CONDITIONS FOR USE|Permission to use, copy, modify|Redistribution and use in source and binary forms/,
		);
});

test('notices that come with a package are kept', () => {
	const terms = new Map(entries());
	expect(terms.get('dexie')).toContain('Copyright (c) 2014-2017 David Fahlander');
	expect(terms.get('onnxruntime-web')).toContain('Copyright (c) Microsoft Corporation');
	expect(terms.get('@tensorflow/tfjs')).toContain('Copyright (c) Google LLC');
});

test('the licences of the weights are told, of each model that is shipped', () => {
	const text = read('licences.txt');
	for (const name of readdirSync(new URL('models/', dist)))
		expect(text).toContain(`models/${name}: mit`);
});

test('the list that is kept offline is the folder, byte for byte', () => {
	const stamped = /JSON\.parse\(("(?:[^"\\]|\\.)*")\)/.exec(read('service-worker.js'))?.[1];
	const list = JSON.parse(JSON.parse(stamped ?? '""') as string) as readonly {
		readonly path: string;
		readonly bytes: number;
		readonly hash: string;
		readonly part: string;
	}[];
	const there = readdirSync(dist, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.pathname.length))
		.map((path) => path.replace(/^\//, ''))
		.filter((path) => !['_headers', 'service-worker.js'].includes(path));
	expect(list.map(({ path }) => path).sort()).toEqual(there.sort());
	for (const { path, bytes, hash } of list) {
		const content = readFileSync(new URL(path, dist));
		expect([path, content.length]).toEqual([path, bytes]);
		expect(createHash('sha256').update(content).digest('hex').startsWith(hash), path).toBe(true);
	}
	const partOf = (pattern: RegExp): readonly string[] => [
		...new Set(list.filter(({ path }) => pattern.test(path)).map(({ part }) => part)),
	];
	expect(partOf(/asyncify/)).toEqual(['gpu']);
	expect(partOf(/^models\/|^recordings\/|\.css$|plain|relaxed|ort-wasm-simd-threaded-/)).toEqual([
		'core',
	]);
	expect(list.filter(({ part }) => part === 'web-llm').length).toBeGreaterThan(0);
	expect(existsSync(new URL('licences.txt', dist))).toBe(true);
});
