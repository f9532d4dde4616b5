/** @file Reader of a row's messages: roles and contents of OpenAI's and ShareGPT's form, and who is learnt from. */
import { isRecord } from '#base/untrusted/is-record.ts';
import type { TrainingTurn } from './training-row.ts';

/** Throws with the position of the row and its expected format. */
export type Refuse = (problem: string) => never;

/** ShareGPT's names of the roles. */
const shareGptRoles: Readonly<Record<string, string>> = {
	human: 'user',
	gpt: 'assistant',
	chatgpt: 'assistant',
	bot: 'assistant',
	model: 'assistant',
	observation: 'tool',
	function_response: 'tool',
};

/** Keys of a message that no template needs. */
const harmless: ReadonlySet<string> = new Set(
	'id uuid timestamp created_at date refusal annotations audio logprobs finish_reason'.split(' '),
);

/** Is there an answer to learn? */
export const hasAnswer = (turns: readonly TrainingTurn[]): boolean =>
	turns.some(({ role, taught }) => role === 'assistant' && taught !== false);

/** A list of keys for people. */
export const pathOf = (keys: Iterable<string>): string => {
	const all = [...keys];
	return all.length === 0
		? 'no keys'
		: `the keys ${all.slice(0, 6).join(', ')}${all.length > 6 ? ', …' : ''}`;
};

/** The messages of a list; their further keys are kept for the template. */
export function readTurns(value: unknown, name: string, fail: Refuse): readonly TrainingTurn[] {
	if (!Array.isArray(value) || value.length === 0) return fail(`${name} is no list of messages`);
	return (value as readonly unknown[]).map((turn) =>
		isRecord(turn)
			? readTurn(turn, name, fail)
			: fail(`${name} holds something else than messages`),
	);
}

function readTurn(
	turn: Readonly<Record<string, unknown>>,
	name: string,
	fail: Refuse,
): TrainingTurn {
	const { role: stated, from, content, value, weight, train, training, ...rest } = turn;
	const speaker = stated ?? from;
	if (typeof speaker !== 'string')
		return fail(`a message in ${name} needs a role and a content, both text`);
	if (speaker === 'function_call')
		return fail(
			`${name} has a function_call as a turn of its own; write it as tool_calls of an assistant's message`,
		);
	const role = Object.hasOwn(shareGptRoles, speaker)
		? (shareGptRoles[speaker] ?? speaker)
		: speaker;
	const fields = Object.fromEntries(
		Object.entries(rest).filter(([key, entry]) => entry !== null && !harmless.has(key)),
	);
	const text = readContent(content ?? value, name, fail);
	if (text === null && !('tool_calls' in fields) && !('reasoning_content' in fields))
		return fail(`a message in ${name} needs a role and a content, both text`);
	const taught = [
		isTaught(weight, 'weight', fail),
		isTaught(train, 'train', fail),
		isTaught(training, 'training', fail),
	].every(Boolean);
	return {
		role,
		content: text,
		...(Object.keys(fields).length === 0 ? {} : { fields }),
		...(taught ? {} : { taught }),
	};
}

/** OpenAI's weight of an answer is 0 or 1; Axolotl's `train` is true or false. */
function isTaught(value: unknown, name: string, fail: Refuse): boolean {
	if (value === undefined || value === null || value === 1 || value === true) return true;
	if (value === 0 || value === false) return false;
	return fail(
		`the ${name} ${JSON.stringify(value)} of a message is none of 0, 1, true and false; give the weight to the whole row`,
	);
}

/** Text, or OpenAI's list of parts, which are joined without anything between them. */
function readContent(content: unknown, name: string, fail: Refuse): string | null {
	if (content === undefined || content === null) return null;
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return fail(`a message in ${name} has a content that is no text`);
	return (content as readonly unknown[])
		.map((part) => {
			if (typeof part === 'string') return part;
			const { type, text } = isRecord(part) ? part : { type: undefined, text: undefined };
			if (typeof text === 'string' && (type === 'text' || type === undefined)) return text;
			return fail(`a message in ${name} holds ${String(type)}; only text can be learnt`);
		})
		.join('');
}
