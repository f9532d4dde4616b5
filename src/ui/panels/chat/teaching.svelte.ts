/** @file The state of teaching: a LoRA trained on the answers marked as good, its progress, and what was learnt so far. */
import { defaultsOf } from '#base/knobs.ts';
import type { ChatAdapter } from '#chat/adapters.ts';
import type { ApprovedAnswer } from '#chat/lesson.ts';
import type { App } from '../../state/app.svelte.ts';
import { apiOf, type ApiClient } from '../../state/api.ts';
import { faultWords } from '../../language/fault-words.ts';
import { t } from '../../language/language.svelte.ts';
import { download } from '../runs/files.ts';
import { Chat } from './chat.svelte.ts';
import { goodAnswers } from './conversation.ts';
import { lessonKnobs, type LessonSettings } from './knobs.ts';

/** Tokens of a conversation that are practised; longer ones are cut at the end. */
const maxTokens = 512;

export class Teaching {
	settings = $state.raw<LessonSettings>(defaultsOf(lessonKnobs));
	/** Name of the adapter to train; if empty, one is generated. */
	name = $state('');
	/** Of the training under way or the last one; before each step, nats per token. */
	losses = $state.raw<readonly number[]>([]);
	/** Id of the training under way. */
	#id = $state<string | null>(null);
	/** Of the same: answers left out or cut. */
	notes = $state.raw<readonly string[]>([]);
	fault = $state('');
	said = $state('');
	readonly #api: ApiClient;
	readonly #chat: Chat;

	constructor(api: ApiClient, chat: Chat) {
		this.#api = api;
		this.#chat = chat;
		api.listen((event) => {
			if (event.type === 'tuned-step' && event.id === this.#id)
				this.losses = [...this.losses, event.loss];
			if (event.type === 'lesson-noted' && event.id === this.#id) this.notes = event.notes;
		});
	}

	// No `$derived`: one made while a panel opens ends with that panel.
	get busy(): boolean {
		return this.#id !== null;
	}
	get answers(): readonly ApprovedAnswer[] {
		const { turns, model, settings } = this.#chat;
		return goodAnswers(turns, model?.hasTemplate ? settings.system : '');
	}

	async train(): Promise<void> {
		const { model } = this.#chat;
		if (!model || this.busy) return;
		const id = crypto.randomUUID();
		const name = this.name.trim() || t('chat.lesson', { n: this.#chat.adapters.length + 1 });
		this.#id = id;
		this.losses = [];
		this.notes = [];
		this.fault = '';
		this.said = '';
		try {
			const { answers, settings } = this;
			const lesson = { id, model: model.model, name, answers, maxTokens, ...settings };
			const kept = await this.#api.ask((api) => api.tuneChat(lesson));
			const isOpen = this.#chat.model?.model === model.model;
			this.said = kept
				? t(isOpen ? 'chat.keptAnswers' : 'chat.keptAdapter', { name: kept.name })
				: t('chat.nothingKept');
			await this.#chat.listAdapters();
			if (kept && isOpen) {
				this.#chat.adapter = { kind: kept.kind, id: kept.id };
				this.#chat.compares = true;
			}
		} catch (error) {
			this.fault = faultWords(error);
			// One that could not be written is there until the tab is closed.
			await this.#chat.listAdapters().catch(() => undefined);
		} finally {
			this.#id = null;
		}
	}

	async stop(): Promise<void> {
		const id = this.#id;
		if (id !== null) await this.#attempt(() => this.#api.ask((api) => api.stopTuning(id)));
	}

	async remove({ id }: ChatAdapter): Promise<void> {
		await this.#attempt(async () => {
			await this.#api.ask((api) => api.deleteAdapter(id));
			await this.#chat.listAdapters();
		});
	}

	async export({ id }: ChatAdapter): Promise<void> {
		await this.#attempt(async () => {
			download(await this.#api.ask((api) => api.exportAdapter(id)));
		});
	}

	async #attempt(work: () => Promise<void>): Promise<void> {
		this.fault = '';
		try {
			await work();
		} catch (error) {
			this.fault = faultWords(error);
		}
	}
}

const pairs = new WeakMap<App, { readonly chat: Chat; readonly teaching: Teaching }>();

/** The chat of a page and its lessons, the same ones whenever the panel is opened. */
export function chatOf(app: App): { readonly chat: Chat; readonly teaching: Teaching } {
	const found = pairs.get(app);
	if (found) return found;
	const api = apiOf(app);
	const chat = new Chat(api);
	const made = { chat, teaching: new Teaching(api, chat) };
	pairs.set(app, made);
	return made;
}
