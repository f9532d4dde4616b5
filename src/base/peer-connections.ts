/**
 * @file Removal of WebRTC from a page or worker. `connect-src` does not cover peer connections, and the directive `webrtc`
 * is known to no browser yet: Chromium reports it as an error.
 */

const constructors = ['RTCPeerConnection', 'webkitRTCPeerConnection', 'mozRTCPeerConnection'];

/** Takes the constructors away, for good: call it before anything else runs. Browsers offer them to pages alone. */
export function withholdPeerConnections(scope: object = globalThis): void {
	for (const name of constructors) {
		if (!(name in scope)) continue;
		Object.defineProperty(scope, name, { value: undefined, writable: false, configurable: false });
	}
}
