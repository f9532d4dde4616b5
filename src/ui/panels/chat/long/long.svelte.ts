/** @file A long conversation in the chat: whether only a quarter of it is kept, in how many bits, and what that costs and saves. */
import type { ChatGeneration, ChatRequest } from '#chat/chat-api.ts';
import type { KvType } from '#base/limits.ts';
import type { Looked } from '../../looking/looking.ts';

/** Tokens of a conversation from which keeping a part is offered: below, a token takes hardly longer. */
export const longFrom = 2048;
/** What is kept. */
export const quarter = 0.25;
/** Characters of a token of English, for a text that was not read yet. */
const tokenCharacters = 4;

/** What one answer took: its conversation in tokens, and milliseconds of one of its own. */
interface Measured {
	readonly tokens: number;
	readonly ms: number;
}

/** What an answer is asked for beside what all are. */
type Asked = Pick<ChatRequest, 'keptShare' | 'kvType'>;

export class LongConversation {
	/** A person wants only a quarter kept. */
	isOn = $state(false);
	/** How the numbers of the KV cache are held: of 60 facts 58 are found in 8 bits and 59 in 32, and no text was measurably less likely (docs/LOG.md). */
	type = $state<KvType>('q8');
	/** Tokens of the conversation at the last answer. */
	tokens = $state(0);
	/** Characters of the question that is being written. */
	drafted = $state(0);
	/** The last answer of each kind at this length. */
	whole = $state.raw<Measured | null>(null);
	part = $state.raw<Measured | null>(null);
	/** What the last answer kept of its conversation; null if that was all. */
	looked = $state.raw<Looked | null>(null);

	/** Of the conversation with the question that is being written, about. */
	get length(): number {
		return this.tokens + Math.floor(this.drafted / tokenCharacters);
	}
	get isOffered(): boolean {
		return this.length >= longFrom;
	}
	/** For the next answer. */
	get asked(): Asked {
		if (!this.isOffered) return {};
		const { isOn, type } = this;
		return { ...(isOn && { keptShare: quarter }), ...(type !== 'f32' && { kvType: type }) };
	}

	/** Notes a finished answer with what was asked for, and its tokens a second. */
	note(answer: ChatGeneration, pace: number | undefined, { keptShare }: Asked): void {
		const { promptTokens = [], tokens, promptPieces, kept } = answer;
		this.tokens = promptTokens.length + tokens.length;
		this.looked = kept && promptPieces ? { pieces: promptPieces, kept } : null;
		if (pace === undefined || promptTokens.length < longFrom) return;
		const measured = { tokens: promptTokens.length, ms: 1000 / pace };
		if (keptShare === undefined) this.whole = measured;
		else this.part = measured;
	}

	/** Another conversation, or another model. */
	forget(): void {
		this.tokens = 0;
		this.whole = null;
		this.part = null;
		this.looked = null;
	}
}
