/** @file Formats of data that people have, by name, with a title for each. */

export const formats = {
	'prompt-completion': 'prompt and completion (TRL)',
	messages: 'messages (OpenAI, TRL)',
	preference: 'the better of two (TRL, for DPO)',
	judged: 'answers with a verdict (TRL, for KTO)',
	texts: 'plain texts, one a row',
	alpaca: 'Alpaca',
	sharegpt: 'ShareGPT',
	questions: 'question and answer in two columns',
	chatgpt: 'ChatGPT’s account export',
	claude: 'Claude’s account export',
	whatsapp: 'WhatsApp export',
	telegram: 'Telegram export',
	prose: 'running text',
} as const;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as readonly FormatName[];

export const isFormat = (name: string): name is FormatName => Object.hasOwn(formats, name);

/** Unusable data at one place; its message is a clause with a remedy. */
export class DataError extends Error {
	override readonly name = 'DataError';
}
