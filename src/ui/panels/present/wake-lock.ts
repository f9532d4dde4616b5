/** @file Wake lock of the screen while the page is presented, on browsers that have one. */

/** Keeps the screen on until the function that it returns is called. */
export function keepAwake(): () => void {
	let lock: WakeLockSentinel | undefined;
	let isReleased = false;
	const request = async (): Promise<void> => {
		// Missing outside a secure context and in older browsers, whatever the types say.
		const wakeLock = Reflect.get(navigator, 'wakeLock') as WakeLock | undefined;
		if (!wakeLock || isReleased || document.visibilityState !== 'visible') return;
		if (lock && !lock.released) return;
		try {
			const got = await wakeLock.request('screen');
			if (isReleased as boolean) await got.release();
			else lock = got;
		} catch {
			// Refused, for a low battery, say: the screen goes off when it would have.
		}
	};
	// The browser takes it back whenever the tab is hidden.
	const again = (): void => void request();
	document.addEventListener('visibilitychange', again);
	void request();
	return () => {
		isReleased = true;
		document.removeEventListener('visibilitychange', again);
		void lock?.release();
	};
}
