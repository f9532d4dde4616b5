/** @file Rows of Teach that a person makes in Chat: corrections, answers marked as good or bad, and the better of two. */
import type { Message } from '#engines/engine.ts';
import type { GivenFile } from '#library/library-api.ts';
import type { ApiClient } from '../../state/api.ts';
import { faultWords } from '../../language/fault-words.ts';
import { messagesBefore, type Better, type Column, type Turn } from './conversation.ts';

/** Null takes a mark back. */
export type Mark = 'good' | 'bad' | null;

/** What is kept of each kind: one row as a file of its own, so that made again it takes the place of the one before. */
const fileName = (what: 'corrected' | 'marked' | 'chosen', id: string): string =>
	`${what} in Chat, ${id.slice(0, 8)}.jsonl`;

/** What it needs of the chat. */
export interface Rated {
	readonly turns: readonly Turn[];
	readonly model: { readonly hasTemplate: boolean } | null;
	readonly settings: { readonly system: string };
	/** Changes a turn, and keeps it so. */
	change(turn: number, change: (turn: Turn) => Turn): void;
}

/** Turns what a person says of the answers into rows; each method resolves with a fault, if there was one. */
export class RowKeeper {
	readonly #api: ApiClient;
	readonly #chat: Rated;

	constructor(api: ApiClient, chat: Rated) {
		this.#api = api;
		this.#chat = chat;
	}

	/** Marks an answer as good or bad, as KTO has it; it is a row as long as it is marked. */
	async mark(turn: number, column: Column, mark: Mark): Promise<string | undefined> {
		const answer = this.#chat.turns[turn]?.answers[column];
		if (!answer) return undefined;
		const marks = { isGood: mark === 'good', isBad: mark === 'bad' };
		this.#chat.change(turn, (one) => ({
			...one,
			answers: { ...one.answers, [column]: { ...answer, ...marks } },
		}));
		const name = fileName('marked', answer.id);
		if (mark === null) return this.#delete(name);
		const completion = this.#answer(answer.text);
		return this.#keep(name, {
			...{ prompt: this.#prompt(turn, column), completion, label: mark === 'good' },
		});
	}

	/** What the answer should have been. */
	async correct(turn: number, column: Column, text: string): Promise<string | undefined> {
		const answer = this.#chat.turns[turn]?.answers[column];
		if (!answer) return undefined;
		const said = this.#messages(turn, column);
		const messages = [...said, { role: 'assistant', content: text }];
		return this.#keep(fileName('corrected', answer.id), { messages });
	}

	/** The better of two answers, as DPO has it; null takes the choice back. */
	async choose(turn: number, better: Better | null): Promise<string | undefined> {
		const { id = '', answers: { main, second } = {} } = this.#chat.turns[turn] ?? {};
		if (!main || !second) return undefined;
		this.#chat.change(turn, ({ better: _, ...rest }) => (better ? { ...rest, better } : rest));
		const name = fileName('chosen', id);
		if (better === null) return this.#delete(name);
		const [chosen, rejected] = better === 'second' ? [second, main] : [main, second];
		return this.#keep(name, {
			prompt: this.#prompt(turn, 'main'),
			chosen: this.#answer(chosen.text),
			rejected: this.#answer(rejected.text),
		});
	}

	/** The conversation up to a question, as the model of a column sees it. */
	#messages(turn: number, column: Column): readonly Message[] {
		const { turns, settings } = this.#chat;
		const system = this.#hasTemplate ? settings.system : '';
		const question: Message = { role: 'user', content: turns[turn]?.text ?? '' };
		return [...messagesBefore(turns, turn, column, system), question];
	}

	get #hasTemplate(): boolean {
		return this.#chat.model?.hasTemplate ?? true;
	}
	#prompt(turn: number, column: Column): unknown {
		const messages = this.#messages(turn, column);
		return this.#hasTemplate ? messages : messages.map(({ content }) => content).join('');
	}
	#answer(text: string): unknown {
		return this.#hasTemplate ? [{ role: 'assistant', content: text }] : text;
	}

	#keep(name: string, row: unknown): Promise<string | undefined> {
		const file: GivenFile = { name, blob: new Blob([JSON.stringify(row)]) };
		return faultOf(() => this.#api.ask((api) => api.addData([file])));
	}

	#delete(name: string): Promise<string | undefined> {
		return faultOf(() => this.#api.ask((api) => api.removeData(name)));
	}
}

async function faultOf(work: () => Promise<unknown>): Promise<string | undefined> {
	try {
		await work();
		return undefined;
	} catch (error) {
		return faultWords(error);
	}
}
