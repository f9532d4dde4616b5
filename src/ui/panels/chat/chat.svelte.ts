/** @file The state of the chat panel: the open model, its conversation, and the answers under way. */
import { defaultsOf } from '#base/knobs.ts';
import type { AdapterChoice, ChatAdapter } from '#chat/adapters.ts';
import type { ChatChoice, ChatEvent, ChatModel } from '#chat/chat-api.ts';
import type { ApiClient } from '../../state/api.ts';
import { faultWords } from '../../language/fault-words.ts';
import {
	baseModel,
	columns,
	keepTurns,
	messagesBefore,
	readTurns,
	type ChatAnswer,
	type Column,
	type Turn,
} from './conversation.ts';
import { keepModel } from './kept-model.ts';
import { answerKnobs, type AnswerSettings } from './knobs.ts';
import { LongConversation } from './long/long.svelte.ts';
import { RowKeeper } from './rows.ts';

/** Settings of an answer. */
export type Settings = AnswerSettings & { readonly system: string };

const name = (): string => crypto.randomUUID();

const unmarked = { isGood: false, isBad: false } as const;

interface Pace {
	readonly first: number;
	readonly last: number;
	readonly tokens: number;
}

/** Fewer tokens say little. */
const fewestTokens = 10;
const paceOf = ({ first, last, tokens }: Pace): Pick<ChatAnswer, 'pace'> =>
	tokens < fewestTokens || last === first ? {} : { pace: (tokens - 1) / ((last - first) / 1000) };

export class Chat {
	/** Null until the list is there. */
	choices = $state.raw<readonly ChatChoice[] | null>(null);
	model = $state.raw<ChatModel | null>(null);
	/** Named while it is being opened. */
	opening = $state<string | null>(null);
	adapters = $state.raw<readonly ChatAdapter[]>([]);
	/** Null: the base model. */
	adapter = $state.raw<AdapterChoice | null>(null);
	/** Ask the base model beside it, from the same seed. */
	compares = $state(false);
	settings = $state.raw<Settings>({ ...defaultsOf(answerKnobs), system: '' });
	turns = $state.raw<readonly Turn[]>(readTurns());
	/** The conversation before its end was dropped, until something new is said. */
	dropped = $state.raw<readonly Turn[] | null>(null);
	fault = $state('');
	readonly long = new LongConversation();
	/** What a person makes of the answers, for Teach. */
	readonly rows: RowKeeper;
	/** Ids of the answers under way. */
	#answering = $state.raw<readonly string[]>([]);
	/** When the first and the last token of each came, milliseconds. */
	readonly #paces = new Map<string, Pace>();
	readonly #api: ApiClient;

	constructor(api: ApiClient) {
		this.#api = api;
		this.rows = new RowKeeper(api, this);
		api.listen((event) => {
			if (event.type === 'said') this.#receive(event);
		});
	}

	// No `$derived`: one made while a panel opens ends with that panel.
	get busy(): boolean {
		return this.#answering.length > 0;
	}
	get chosen(): ChatAdapter | undefined {
		return this.adapters.find(
			({ kind, id }) => kind === this.adapter?.kind && id === this.adapter.id,
		);
	}

	async list(): Promise<void> {
		try {
			const choices = await this.#api.ask((api) => api.chatModels());
			this.choices = choices;
			// It may have been deleted while another page was shown.
			if (!choices.some(({ model }) => model === this.model?.model)) this.model = null;
			await this.listAdapters();
		} catch (error) {
			this.fault = faultWords(error);
		}
	}

	async open(model: string): Promise<void> {
		this.opening = model;
		this.fault = '';
		this.model = null;
		try {
			const opened = await this.#api.ask((api) => api.openChat(model));
			if (this.opening !== model) return; // another one was asked for meanwhile
			this.model = opened;
			this.long.forget();
			keepModel(model);
			this.adapter = null;
			// At least half of the context is left to the conversation.
			const most = Math.max(1, Math.floor(opened.contextLength / 2));
			if (this.settings.maxTokens > most) this.settings = { ...this.settings, maxTokens: most };
			await this.listAdapters();
		} catch (error) {
			if (this.opening === model) this.fault = faultWords(error);
		} finally {
			if (this.opening === model) this.opening = null;
		}
	}

	async listAdapters(): Promise<void> {
		const { model } = this;
		if (!model) return;
		this.adapters = await this.#api.ask((api) => api.listAdapters(model.model));
		if (this.adapter && !this.chosen) this.adapter = null;
	}

	/** Says something, and asks for the answers. */
	send(text: string): Promise<void> {
		this.dropped = null;
		return this.#say(text);
	}

	async #say(text: string): Promise<void> {
		this.turns = [...this.turns, { id: name(), text, answers: {} }];
		await this.#answer(this.turns.length - 1, this.settings.seed);
	}

	/** Asks again from the next seed; what came after is dropped, and can be brought back. */
	async regenerate(turn: number): Promise<void> {
		const before = this.turns[turn];
		if (!before) return;
		this.#noteDropped(turn);
		const seeds = Object.values(before.answers).map(({ seed }) => seed);
		const { better: _, ...asked } = before;
		this.turns = [...this.turns.slice(0, turn), { ...asked, answers: {} }];
		await this.#answer(turn, Math.max(this.settings.seed - 1, ...seeds) + 1);
	}

	/** Says something else in its place; what came after is dropped, and can be brought back. */
	edit(turn: number, text: string): Promise<void> {
		this.#noteDropped(turn);
		this.turns = this.turns.slice(0, turn);
		return this.#say(text);
	}

	bringBack(): void {
		this.turns = this.dropped ?? this.turns;
		this.dropped = null;
		keepTurns(this.turns);
	}

	async stop(): Promise<void> {
		const ids = this.#answering;
		await this.#api
			.ask((api) => Promise.all(ids.map((id) => api.stopAnswer(id))))
			.catch(() => undefined); // the worker is gone, and with it the answer
	}

	/** A second answer of the same weights from the next seed, to choose from. */
	async askAgain(turn: number): Promise<void> {
		const seeds = Object.values(this.turns[turn]?.answers ?? {}).map(({ seed }) => seed);
		this.#changeTurn(turn, ({ better: _, ...rest }) => rest);
		await this.#ask(turn, 'second', Math.max(this.settings.seed, ...seeds) + 1);
		keepTurns(this.turns);
	}

	/** Changes a turn, and keeps it so. */
	change(turn: number, change: (turn: Turn) => Turn): void {
		this.#changeTurn(turn, change);
		keepTurns(this.turns);
	}

	startAnew(): void {
		this.dropped = this.turns;
		this.turns = [];
		this.long.forget();
		keepTurns([]);
	}

	#noteDropped(turn: number): void {
		this.dropped = this.turns.length > turn + 1 ? this.turns : null;
	}

	async #answer(turn: number, seed: number): Promise<void> {
		const wanted: readonly Column[] =
			this.compares && this.adapter ? (['main', 'base'] as const) : (['main'] as const);
		// One after the other in the worker, and all from the same seed.
		const asking = wanted.map((column) => this.#ask(turn, column, seed));
		// The question outlives a reload before its answer is there.
		keepTurns(this.turns);
		await Promise.all(asking);
		keepTurns(this.turns);
	}

	async #ask(turn: number, column: Column, seed: number): Promise<void> {
		const { model, settings } = this;
		const asked = this.turns[turn];
		if (!model || !asked) return;
		const adapter = column === 'base' ? null : this.adapter;
		const id = name();
		const by = adapter ? (this.chosen?.name ?? 'adapter') : baseModel;
		const empty: ChatAnswer = { id, text: '', pieces: [], ended: null, by, seed, ...unmarked };
		this.#put(turn, column, empty);
		this.#answering = [...this.#answering, id];
		const { maxTokens, system, seed: _seed, ...sampling } = settings;
		// A model that cannot keep a part is never asked to.
		const kept = model.tokenBytes === undefined ? {} : this.long.asked;
		try {
			const before = messagesBefore(this.turns, turn, column, model.hasTemplate ? system : '');
			const answer = await this.#api.ask((api) =>
				api.ask({
					id,
					model: model.model,
					conversation: [...before, { role: 'user', content: asked.text }],
					adapter,
					sampling,
					seed,
					maxTokens,
					...kept,
				}),
			);
			const pace = this.#paces.get(id);
			const perSecond = pace && paceOf(pace).pace;
			this.long.note(answer, perSecond, kept);
			const { text, stopReason } = answer;
			this.#change(
				turn,
				column,
				(shown) => ({ ...shown, text, ended: stopReason, ...(pace && paceOf(pace)) }),
				id,
			);
		} catch (error) {
			const fault = faultWords(error);
			this.#change(turn, column, (answer) => ({ ...answer, ended: 'failed', fault }), id);
		} finally {
			this.#paces.delete(id);
			this.#answering = this.#answering.filter((other) => other !== id);
		}
	}

	#receive({ id, pieces }: Extract<ChatEvent, { type: 'said' }>): void {
		const now = performance.now();
		const { first, tokens } = this.#paces.get(id) ?? { first: now, tokens: 0 };
		this.#paces.set(id, { first, last: now, tokens: tokens + pieces.length });
		const said = pieces.map(({ text }) => text).join('');
		this.turns.forEach(({ answers }, turn) => {
			for (const column of columns)
				if (answers[column]?.id === id)
					this.#change(turn, column, (answer) => ({
						...answer,
						text: answer.text + said,
						pieces: [...answer.pieces, ...pieces],
					}));
		});
	}

	#change(
		turn: number,
		column: Column,
		change: (answer: ChatAnswer) => ChatAnswer,
		id?: string,
	): void {
		const answer = this.turns[turn]?.answers[column];
		if (answer && (id === undefined || answer.id === id)) this.#put(turn, column, change(answer));
	}

	#put(turn: number, column: Column, answer: ChatAnswer): void {
		this.#changeTurn(turn, (one) => ({
			...one,
			answers: { ...one.answers, [column]: answer },
		}));
	}

	#changeTurn(turn: number, change: (turn: Turn) => Turn): void {
		this.turns = this.turns.map((other, i) => (i === turn ? change(other) : other));
	}
}
