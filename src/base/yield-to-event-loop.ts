/** @file A pause in long work, in which messages and timers are heard. */

/** Goes on in the next turn of the event loop, without the four milliseconds that a timer waits. */
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
