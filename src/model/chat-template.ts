/** @file Chat template of a checkpoint, rendered by `@huggingface/jinja`. */
import { Environment, Template } from '@huggingface/jinja';
import { BudgetError, workBudget, type Budget } from '#base/untrusted/budget.ts';
import { textLimits, workLimits } from '#base/limits.ts';
import { CountedInterpreter } from './templates/counted-interpreter.ts';

/** One turn of a conversation. */
export interface ChatMessage {
	/** `system`, `user` or `assistant`; templates may know more. */
	readonly role: string;
	readonly content: string;
}

/** A message with whatever else its template may read: `tool_calls`, `reasoning_content`, `name`, … */
export interface TemplateMessage {
	readonly role: string;
	readonly content?: string | null;
}

export interface ChatOptions {
	/** End with the start of the assistant's turn. */
	readonly addGenerationPrompt?: boolean;
	/** Texts that the template may name: `bos_token`, `eos_token`, … */
	readonly specialTokens?: Readonly<Record<string, string>>;
	/** Date for templates such as Llama 3.2's, in UTC; a fixed day by default, so that a run repeats. */
	readonly today?: Date;
	/** Further template variables, e.g. `enable_thinking`, `tools`. */
	readonly variables?: Readonly<Record<string, unknown>>;
}

/** Error of an unusable chat template, or of messages that it refuses; includes a remedy. */
export class ChatTemplateError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'ChatTemplateError';
	}
}

/** ChatML, for vocabularies with `<|im_start|>` and `<|im_end|>` whose checkpoint has no template. */
export const chatMl =
	"{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}" +
	"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** The checkpoint's own template, otherwise ChatML if each of its marks is a token of its own, otherwise none. */
export function chatTemplateFor(
	stated: unknown,
	isMark: (text: string) => boolean,
): string | undefined {
	if (typeof stated === 'string' && stated.trim() !== '') return stated;
	return isMark('<|im_start|>') && isMark('<|im_end|>') ? chatMl : undefined;
}

/** Globals of every template. The library's own read the machine's clock and allow unbounded ranges. */
const globals = {
	true: true,
	True: true,
	false: false,
	False: false,
	none: null,
	None: null,
	raise_exception: (problem: unknown): never => {
		throw new Error(typeof problem === 'string' ? problem : 'an exception without words');
	},
	range: (first: number, end?: number, step = 1): number[] => {
		const [from, to] = end === undefined ? [0, first] : [first, end];
		if ([from, to, step].some((part) => typeof part !== 'number'))
			throw new Error('a range of other things than numbers');
		const count = Math.max(0, Math.ceil((to - from) / step));
		if (!(count <= longestRange)) throw new Error(`a range of ${count} numbers`);
		return Array.from({ length: count }, (_, i) => from + i * step);
	},
};
const longestRange = 100_000;

/** Llama 3's default date. */
const anyDay = new Date(Date.UTC(2024, 6, 26));
const parsed = new Map<string, Template>();

/** The text of a conversation; `template` is Jinja source. */
export function renderChat(
	template: string,
	messages: readonly TemplateMessage[],
	options: ChatOptions = {},
): string {
	const { addGenerationPrompt = false, specialTokens = {}, variables = {} } = options;
	const today = options.today ?? anyDay;
	try {
		const environment = new Environment();
		const entries = {
			tools: null,
			documents: null,
			...specialTokens,
			...variables,
			...globals,
			messages: messages.map((message) => ({ ...message })),
			add_generation_prompt: addGenerationPrompt,
			strftime_now: (format: unknown) =>
				formatDate(typeof format === 'string' ? format : '', today),
		};
		for (const [name, value] of Object.entries(entries)) environment.set(name, value);
		const { value } = new CountedInterpreter(environment, budgetFor(messages)).run(
			parse(template).parsed,
		);
		return typeof value === 'string' ? value : '';
	} catch (cause) {
		if (cause instanceof ChatTemplateError) throw cause;
		if (cause instanceof BudgetError)
			throw new ChatTemplateError(
				`The model’s chat template was ended: ${cause.message}; use another template, or send the text without it.`,
				{ cause },
			);
		throw new ChatTemplateError(
			`The model’s chat template refuses this conversation (${oneLine(cause)}); change the roles or their order, or send the text without the template.`,
			{ cause },
		);
	}
}

/** A conversation may take as much more as it is longer. */
function budgetFor(messages: readonly TemplateMessage[]): Budget {
	const { steps, bytes, milliseconds } = workLimits.chatTemplate;
	const characters = messages.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
	const limits = {
		steps: steps + 5000 * messages.length + characters,
		bytes: bytes + 256 * characters,
		milliseconds,
	};
	return workBudget(limits, 'it', 'it may never come to an end');
}

const { template: longest, templateSpace } = textLimits;
const longSpace = new RegExp(`\\s{${templateSpace}}`);

function parse(template: string): Template {
	const found = parsed.get(template);
	if (found) return found;
	// The library's reader goes back over white space, and is quadratic in it.
	if (template.length > longest || longSpace.test(template))
		throw new ChatTemplateError(
			`The model’s chat template is longer than ${longest} characters, or has ${templateSpace} spaces in a row; send the text without the template.`,
		);
	try {
		// As jinja2 reads it: every line end is one character.
		const made = new Template(template.replace(/\r\n?/g, '\n'));
		// One model is open at a time, or two for a comparison.
		if (parsed.size >= 8) parsed.clear();
		parsed.set(template, made);
		return made;
	} catch (cause) {
		throw new ChatTemplateError(
			`The model’s chat template cannot be read (${oneLine(cause)}); send the text without the template.`,
			{ cause },
		);
	}
}

const oneLine = (cause: unknown): string =>
	(cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').slice(0, 200);

const months =
	'January February March April May June July August September October November December'.split(
		' ',
	);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The strftime codes of Python that templates use, in UTC; others are left unchanged. */
function formatDate(format: string, date: Date): string {
	const two = (n: number): string => String(n).padStart(2, '0');
	const month = months[date.getUTCMonth()] ?? '';
	const day = days[date.getUTCDay()] ?? '';
	const parts: Readonly<Record<string, string>> = {
		Y: String(date.getUTCFullYear()),
		m: two(date.getUTCMonth() + 1),
		d: two(date.getUTCDate()),
		B: month,
		b: month.slice(0, 3),
		A: day,
		a: day.slice(0, 3),
		H: two(date.getUTCHours()),
		M: two(date.getUTCMinutes()),
		S: two(date.getUTCSeconds()),
		'%': '%',
	};
	return format.replace(/%([A-Za-z%])/g, (code, letter: string) => parts[letter] ?? code);
}
