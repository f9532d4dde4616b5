/** @file `licences.txt` of the build: whose work it ships, under which terms, with their texts and notices. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { describe, type Shipped, type ShippedPackage } from './packages.ts';

/** Holders of packages that come without the text of their licence, as their sources name them. */
const holders: Readonly<Record<string, string>> = {
	'onnxruntime-common': 'Microsoft Corporation',
	'onnxruntime-web': 'Microsoft Corporation',
	seedrandom: 'David Bau',
};
const holderOf = (name: string): string | undefined =>
	name.startsWith('@tensorflow/') ? 'Google LLC' : holders[name];

const textsHere = new URL('licences/', import.meta.url);

/** The terms of one package: its own files, or the standard text of the licence that it names. */
export function termsOf(shipped: ShippedPackage): string {
	const { license = '' } = describe(shipped);
	const files = readdirSync(shipped.folder)
		.filter((name) => /^(licen[cs]e|copying|notice|third-?party)/i.test(name))
		.sort();
	const read = files.map((name) => readFileSync(join(shipped.folder, name), 'utf8').trim());
	if (files.some((name) => !/^notice/i.test(name))) return read.join('\n\n');
	const holder = holderOf(shipped.name);
	if (holder === undefined)
		throw new Error(
			`${shipped.name} is shipped, and no text of its licence (${license}) is with it: name its holder in scripts/site/notices.ts.`,
		);
	const texts = license
		.split(/ AND /)
		.map((id) => readFileSync(new URL(`${id}.txt`, textsHere), 'utf8').trim());
	return [...read, ...texts.map((text) => `Copyright (c) ${holder}\n\n${text}`)].join('\n\n');
}

/** The whole file; packages of the same terms stand together. */
export function noticesOf(packages: readonly ShippedPackage[], root: string): string {
	const byTerms = new Map<string, string[]>();
	for (const shipped of packages) {
		const { version, license = 'see below' } = describe(shipped);
		const terms = termsOf(shipped);
		const line = `${shipped.name} ${version} (${license})`;
		byTerms.set(terms, [...(byTerms.get(terms) ?? []), line]);
	}
	const rule = `\n\n${'-'.repeat(80)}\n\n`;
	return [
		`Evolvarium\n\n${readFileSync(join(root, 'LICENSE'), 'utf8').trim()}`,
		`Weights of the models shipped with it, trained by this project on problems it made itself:\n\n${modelLines(root).join('\n')}`,
		'What follows is the work of others that it ships, with their terms.',
		...[...byTerms].map(([terms, lines]) => `${lines.join('\n')}\n\n${terms}`),
		'',
	].join(rule);
}

/** `models/addition: mit`, as the front matter of each model's card says. */
function modelLines(root: string): readonly string[] {
	const models = join(root, 'public/models');
	return readdirSync(models).map((name) => {
		const card = readFileSync(join(models, name, 'README.md'), 'utf8');
		const licence = /^license:\s*(\S+)/m.exec(card)?.[1];
		if (licence === undefined) throw new Error(`The card of ${name} names no licence.`);
		return `models/${name}: ${licence}`;
	});
}

/** Writes `licences.txt`; to stand after the plugins that note what is shipped. */
export function notices(shipped: Shipped, root: string): Plugin {
	return {
		name: 'evolvarium:notices',
		apply: 'build',
		generateBundle: {
			order: 'post',
			handler() {
				const source = noticesOf(shipped.packages, root);
				this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
			},
		},
	};
}
