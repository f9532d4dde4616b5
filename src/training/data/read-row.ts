/**
 * @file Reader of one training row: every key is used, known to be harmless, or returned in `unused`.
 *
 * Formats: TRL's (`messages`, `prompt` and `completion`, `text`), ShareGPT (`conversations`) and Alpaca (`instruction`).
 * Rows whose meaning is another one (preferences, labels, pictures) are refused by the name of their format.
 */
import { isRecord } from '#base/untrusted/is-record.ts';
import { TrainingRowError, type TrainingRow } from './training-row.ts';
import { hasAnswer, pathOf, readTurns, type Refuse } from './read-turns.ts';

/** Keys that tell where a row comes from; a null counts as absent. */
const harmless: ReadonlySet<string> = new Set(
	(
		'id uuid idx index row_id prompt_id question_id conversation_id conversation_hash hash source ' +
		'dataset data_source origin url license licence author metadata meta extra_info category ' +
		'topic task task_type type tags tag lang language locale split subset model model_name ' +
		'created_at updated_at date timestamp time num_turns num_tokens length'
	).split(' '),
);

const wanted =
	'a row is {"messages"}, {"prompt", "completion"}, both text or both messages, or {"text"}';

/** Parses a row; `where` starts the error message. */
export function readTrainingRow(value: unknown, where: string): TrainingRow {
	const fail: Refuse = (problem) => {
		throw new TrainingRowError(`${where}: ${problem}; ${wanted}.`);
	};
	if (!isRecord(value)) return fail('is not a JSON object');
	const left = new Map(Object.entries(value).filter(([, entry]) => entry !== null));
	const take = (name: string): unknown => {
		const entry = left.get(name);
		left.delete(name);
		return entry;
	};
	refuseOtherMeanings(left, fail);
	const weight = readWeight(take('weight'), fail);
	const variables = readVariables(take, fail);
	const content = readContent(left, take, fail);
	const unused = [...left.keys()].filter((key) => !harmless.has(key));
	return {
		...content,
		...(weight === undefined ? {} : { weight }),
		...(Object.keys(variables).length === 0 ? {} : { variables }),
		...(unused.length === 0 ? {} : { unused }),
	};
}

type Left = ReadonlyMap<string, unknown>;
type Take = (name: string) => unknown;

/** Rows that name good and bad answers would teach the bad ones, too. */
function refuseOtherMeanings(left: Left, fail: Refuse): void {
	if (left.has('chosen') || left.has('rejected'))
		fail(
			'is a preference (chosen and rejected), which tune does not learn from; keep the chosen answers only, as messages',
		);
	if (typeof left.get('label') === 'boolean')
		fail(
			'is a judged answer (label true or false, as for KTO), which tune does not learn from; keep the rows of label true without their label',
		);
	for (const name of ['images', 'image', 'videos', 'audio'])
		if (left.has(name)) fail(`has ${name}; only text can be learnt`);
}

function readWeight(value: unknown, fail: Refuse): number | undefined {
	if (value === undefined || value === 1) return undefined;
	return typeof value === 'number' && Number.isFinite(value) && value >= 0
		? value
		: fail('weight must be a number of at least 0');
}

/** `tools` and `documents`, also as JSON text, and `chat_template_kwargs`. */
function readVariables(take: Take, fail: Refuse): Readonly<Record<string, unknown>> {
	const listed = (name: string): Readonly<Record<string, unknown>> => {
		const stated = take(name);
		const value: unknown = typeof stated === 'string' ? parsed(stated) : stated;
		if (value === undefined || value === null) {
			if (typeof stated === 'string' && stated.trim() !== '' && value === undefined)
				return fail(`${name} is text that is no JSON`);
			return {};
		}
		if (!Array.isArray(value)) return fail(`${name} must be a list`);
		return value.length === 0 ? {} : { [name]: value };
	};
	const settings = take('chat_template_kwargs') ?? {};
	if (!isRecord(settings)) return fail('chat_template_kwargs must be a JSON object');
	return { ...settings, ...listed('tools'), ...listed('documents') };
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function readContent(left: Left, take: Take, fail: Refuse): TrainingRow {
	for (const name of ['messages', 'conversations', 'conversation'])
		if (left.has(name)) {
			const system = name === 'messages' ? undefined : take('system');
			const said = readTurns(take(name), name, fail);
			const messages =
				typeof system === 'string' && system !== '' && said[0]?.role !== 'system'
					? [{ role: 'system', content: system }, ...said]
					: said;
			return hasAnswer(messages) ? { messages } : fail(withoutAnswer);
		}
	if (left.has('instruction')) return readAlpaca(take, fail);
	const { prompt, completion, text } = Object.fromEntries(left);
	if (typeof text === 'string' && prompt === undefined && completion === undefined) {
		take('text');
		return text === '' ? fail('the text is empty') : { prompt: '', completion: text };
	}
	if (prompt === undefined && completion === undefined)
		return fail(`has ${pathOf(left.keys())}, none of the keys that are read`);
	take('prompt');
	take('completion');
	if (typeof prompt === 'string' && typeof completion === 'string')
		return completion === '' ? fail('the completion is empty') : { prompt, completion };
	const asked = readTurns(prompt, 'prompt', fail);
	const answer = readTurns(completion, 'completion', fail);
	return hasAnswer(answer) ? { prompt: asked, completion: answer } : fail(withoutAnswer);
}

const withoutAnswer = 'holds nothing that the assistant says';

/**
 * Alpaca: instruction and input are the question, with an empty line between them, as in the chat rather than under
 * Alpaca's own "### Instruction:" headings, which the model would never see again. LLaMA-Factory's `system` and
 * `history` come first.
 */
function readAlpaca(take: Take, fail: Refuse): TrainingRow {
	const text = (name: string, isNeeded = false): string => {
		const value = take(name) ?? (isNeeded ? undefined : '');
		return typeof value === 'string' ? value : fail(`${name} must be text`);
	};
	const [instruction, input, output] = [text('instruction', true), text('input'), text('output')];
	if (output === '') return fail('the output is empty');
	const system = text('system');
	const history = take('history') ?? [];
	if (!Array.isArray(history)) return fail('history must be a list of pairs');
	const earlier = (history as readonly unknown[]).flatMap((pair) => {
		const [question, answer]: readonly unknown[] = Array.isArray(pair)
			? (pair as readonly unknown[])
			: [];
		return typeof question === 'string' && typeof answer === 'string'
			? [
					{ role: 'user', content: question },
					{ role: 'assistant', content: answer },
				]
			: fail('history must be a list of pairs of text');
	});
	return {
		messages: [
			...(system === '' ? [] : [{ role: 'system', content: system }]),
			...earlier,
			{ role: 'user', content: input === '' ? instruction : `${instruction}\n\n${input}` },
			{ role: 'assistant', content: output },
		],
	};
}
