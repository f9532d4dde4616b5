/** @file Worker of web-llm, so that its steps block neither the page nor the loop. */
import { WebWorkerMLCEngineHandler } from '@mlc-ai/web-llm';

const handler = new WebWorkerMLCEngineHandler();
self.onmessage = (event: MessageEvent): void => {
	handler.onmessage(event);
};
