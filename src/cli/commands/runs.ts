/** @file `runs`: what is in the store, newest first, and what in it is damaged. */
import { Command } from 'commander';
import { openNodePlatform } from '#platform/open-node.ts';
import { costWords } from '#runs/measure/cost-words.ts';
import { elsewhereWords } from '#runs/measure/elsewhere.ts';
import { outcomeWords } from '#runs/measure/outcome.ts';
import { summarise } from '#runs/measure/summary.ts';
import type { Terminal } from '../terminal.ts';

export async function runs(
	argv: readonly string[],
	terminal: Terminal,
	prepare: (command: Command) => Command,
): Promise<number> {
	const command = prepare(new Command('runs'))
		.description('Lists the stored runs.')
		.option('--out <folder>', 'where runs are kept', 'runs')
		.option('--json', 'a JSON line per run')
		.parse([...argv], { from: 'user' });
	const flags = command.opts<{ readonly out: string; readonly json?: boolean }>();
	const { store } = await openNodePlatform({ folder: flags.out, readOnly: true });
	try {
		for (const entry of await store.entries()) {
			if (entry.kind === 'damaged') {
				const { kind: type, id, message } = entry;
				terminal.print(
					flags.json ? JSON.stringify({ type, id, message }) : `${id}  damaged   ${message}`,
				);
				continue;
			}
			const { run } = entry;
			const { type: _type, ...summary } = summarise(run);
			const { id, name, status, createdAt, cost } = run;
			const spent = cost ? { cost } : {};
			const { method, environment, seed, rounds, frontierBefore, frontierAfter, outcome } = summary;
			const elsewhere = (summary.elsewhere ?? []).map(
				(one) => ` · elsewhere: ${elsewhereWords(one)}`,
			);
			terminal.print(
				flags.json
					? JSON.stringify({ type: 'run', id, name, status, createdAt, ...summary, ...spent })
					: `${id}  ${status.padEnd(8)}  ${method} on ${environment}, seed ${seed}, round ${rounds} of ${run.recipe.rounds}, frontier ${frontierBefore ?? '?'} → ${frontierAfter ?? '?'}${outcome ? `, ${outcomeWords(outcome)}` : ''}${elsewhere.join('')}${cost ? ` · ${costWords(cost)}` : ''}`,
			);
		}
	} finally {
		await store.close();
	}
	return 0;
}
