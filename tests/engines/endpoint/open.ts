/** @file The endpoint engine on a scripted server, for its tests. */
import { afterEach } from 'vitest';
import { createEndpointEngine, type EndpointParts } from '#engines/endpoint/endpoint-engine.ts';
import type { Generation, TokenPiece } from '#engines/engine.ts';
import { startChatServer, type Act, type Asked, type ChatServer } from './chat-server.ts';

const servers: ChatServer[] = [];
afterEach(async () => {
	for (const server of servers.splice(0)) await server.close();
});
export const answer = (...texts: readonly string[]): Act => ({ kind: 'answer', texts });
export const refuse = (
	status: number,
	body: string,
	headers: Record<string, string> = {},
): Act => ({
	kind: 'refuse',
	status,
	body,
	headers,
});

/** An engine on a server; pauses are noted, not waited for. */
export async function open(
	act: (asked: Asked, nth: number) => Act,
	over: Partial<EndpointParts> = {},
) {
	const server = await startChatServer(act);
	servers.push(server);
	const pauses: number[] = [];
	const wait = (ms: number) => {
		pauses.push(ms);
		return Promise.resolve();
	};
	const parts = { fetch, url: server.url, model: 'tiny', wait, ...over };
	return { server, pauses, engine: createEndpointEngine(parts) };
}
/** Reads a stream to its end. */
export const drain = async (stream: AsyncGenerator<TokenPiece, Generation>) => {
	const pieces: TokenPiece[] = [];
	for (;;) {
		const next = await stream.next();
		if (next.done) return { pieces, generation: next.value };
		pieces.push(next.value);
	}
};
export const options = { maxTokens: 20 };
