/** @file The gallery as a document: for each ability and environment what `#runs/gallery/exhibit.ts` shows. */
import { byAbility } from '#environments/environment.ts';
import type { Environment } from '#environments/environment.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import { openNodeSandbox } from '#platform/sandbox/node.ts';
import { exhibitsOf, verdictWords, type Exhibit, type Judged } from '#runs/gallery/exhibit.ts';

const verdictOf = (judged: Judged): string => {
	const { verdict } = judged;
	const expected = verdict.kind === 'wrong' ? `; expected \`${verdict.expected}\`` : '';
	return verdictWords(judged) + expected;
};

/** Code with a fence of its own stands in a longer one. */
function fenced(text: string): string {
	const fence = '`'.repeat(text.includes('```') ? 4 : 3);
	return `${fence}text\n${text}\n${fence}`;
}

function section(environment: Environment, { difficulty, prompt, shown, right, miss }: Exhibit) {
	const { unit } = environment.words;
	return [
		`**Difficulty ${difficulty}, in ${unit}**${shown === prompt ? '' : `: ${shown.replaceAll('\n', ' ')}`}`,
		fenced(prompt),
		...(right ? [`Right answer, judged ${verdictOf(right)}:`, fenced(right.completion)] : []),
		...(miss ? [`Near miss, judged ${verdictOf(miss)}:`, fenced(miss.completion)] : []),
		...(right ? [] : ['It goes on for several turns.']),
	];
}

/** The document, as Markdown. */
export async function gallery(): Promise<string> {
	const sandbox = openNodeSandbox();
	const lines = [
		'# Gallery',
		'<!-- written by `npm run docs`; do not edit -->',
		'Real problems of every environment, by the ability that it practises: the lowest difficulty and one half way up, as the model is asked, with a right answer, a near miss and what the verifier says of them. All are from the training split; held-out problems are shown nowhere. `$` is the end of an answer.',
	];
	for (const { title, parts } of byAbility(Object.values(environments))) {
		lines.push(`## ${title}`);
		for (const { name, title: heading, about } of parts) {
			lines.push(`### ${heading}`, `\`${name}\`. ${about}`);
			const environment = equipped<Environment>(openEnvironment(name), sandbox);
			for (const shown of await exhibitsOf(environment)) lines.push(...section(environment, shown));
		}
	}
	sandbox.close();
	return lines.join('\n\n');
}
