/**
 * @file Reflection (survey 6.2): rules that the policy draws from what went wrong in a round, in view of every task from then
 * on; the oldest are forgotten first.
 *
 * TRAN (Yang et al. 2023): a rule is drawn from each failure. Differs: several failures are shown for each rule, only chats
 * have rules, and one that is known already is not written down again.
 */
import { fillPlaces, type Knobs, type KnobValues } from '#base/knobs.ts';
import { derive } from '#base/random.ts';
import type { Context, Experience } from '../types.ts';
import type { Memory } from './memory.ts';

export const reflectionKnobs = {
	rulesDrawn: {
		kind: 'integer',
		label: 'Rules drawn',
		help: 'How many rules a round of a chat draws from what went wrong, each from other attempts; they stand before every task. 0 draws none.',
		default: 0,
		min: 0,
		max: 16,
	},
	rulesKept: {
		kind: 'integer',
		label: 'Rules kept',
		help: 'How many rules are remembered; the oldest are forgotten first.',
		default: 4,
		min: 1,
		max: 32,
	},
	rulePrompt: {
		kind: 'text',
		label: 'How a rule is asked for',
		help: 'Sent for each rule, with some attempts that went wrong.',
		default:
			'These answers were wrong.\n\n{attempts}\n\nWrite one short rule that would have helped. Write only the rule.',
		places: ['{attempts}'],
	},
} as const satisfies Knobs;

/** Attempts that a rule is drawn from, characters of an answer that are shown, and tokens of the longest rule. */
const [shown, longestAnswer, longestRule] = [3, 300, 48] as const;

/** The memory with the rules of this round; as it is if none are drawn, or nothing went wrong. */
export async function reflected(
	memory: Memory,
	refined: readonly Experience[],
	{ rulesDrawn, rulesKept, rulePrompt }: KnobValues<typeof reflectionKnobs>,
	{ world, t }: Context,
): Promise<Memory> {
	const { tasks, chat } = world.environment;
	const wrong = refined.filter(
		({ task, feedback }) =>
			feedback.kind === 'scored' && feedback.score < 1 && !tasks.isHeldOut(task.item),
	);
	const groups = Array.from({ length: chat ? rulesDrawn : 0 }, (_, i) =>
		wrong.slice(i * shown, (i + 1) * shown),
	).filter((group) => group.length > 0);
	if (groups.length === 0) return memory;
	const said = await world.engine.generate(
		groups.map((group) => [
			{
				role: 'user',
				content: fillPlaces(rulePrompt, { attempts: group.map(inWords).join('\n\n') }),
			},
		]),
		{
			...{ maxTokens: longestRule, temperature: 0, signal: world.signal },
			seed: derive(world.seed, 'rules', t),
		},
	);
	world.signal.throwIfAborted();
	const known = new Set(memory.map(({ text }) => text));
	const drawn = said.flatMap(({ text, stopReason }, i): Memory => {
		const rule = text.trim();
		if (stopReason !== 'stop' || rule === '' || known.has(rule)) return [];
		known.add(rule);
		const from = (groups[i] ?? []).map(({ id }) => id);
		return [{ id: `rule/${t}/${i}`, kind: 'rule', text: rule, t, from }];
	});
	const rules = [...memory.filter(({ kind }) => kind === 'rule'), ...drawn].slice(-rulesKept);
	return [...rules, ...memory.filter(({ kind }) => kind !== 'rule')];
}

function inWords({ task, rollouts }: Experience): string {
	const answer = rollouts[0]?.answer ?? rollouts[0]?.malformed ?? 'none';
	const cut = answer.length > longestAnswer ? `${answer.slice(0, longestAnswer)} …` : answer;
	return `Task: ${task.text}\nAnswer: ${cut}`;
}
