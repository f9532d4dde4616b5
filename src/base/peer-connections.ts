/**
 * @file Removal of WebRTC from a page or worker. `connect-src` does not cover peer connections, and the directive `webrtc`
 * is unknown to Chromium 156, which reports it as an error.
 */

const constructors = ['RTCPeerConnection', 'webkitRTCPeerConnection', 'mozRTCPeerConnection'];

/** Takes the constructors away, for good. Call it at the start; a new frame has its own. */
export function withholdPeerConnections(scope: object = globalThis): void {
	for (const name of constructors) {
		if (!(name in scope)) continue;
		Object.defineProperty(scope, name, { value: undefined, writable: false, configurable: false });
	}
}
