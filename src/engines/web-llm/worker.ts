/** @file Worker of web-llm, so that its steps block neither the page nor the loop. */
import { withholdPeerConnections } from '#base/peer-connections.ts';
import { trustOwnScripts } from '#base/trusted-types.ts';
import { WebWorkerMLCEngineHandler } from '@mlc-ai/web-llm';

trustOwnScripts();
withholdPeerConnections();

const handler = new WebWorkerMLCEngineHandler();
self.onmessage = (event: MessageEvent): void => {
	handler.onmessage(event);
};
