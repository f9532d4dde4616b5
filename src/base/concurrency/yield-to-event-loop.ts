/** @file A pause in long work that lets messages and timers be handled. */

/** Resolves in the next turn of the event loop, without a timer's minimum delay of four milliseconds. */
export function yieldToEventLoop(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
