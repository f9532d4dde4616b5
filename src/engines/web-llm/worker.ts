/** @file The worker in which web-llm runs, so that its steps hold up neither the page nor the loop. */
import { WebWorkerMLCEngineHandler } from '@mlc-ai/web-llm';

const handler = new WebWorkerMLCEngineHandler();
self.onmessage = (event: MessageEvent): void => {
	handler.onmessage(event);
};
