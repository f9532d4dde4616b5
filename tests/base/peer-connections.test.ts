/** @file WebRTC is taken away from a scope, and stays away. */
import { expect, test } from 'vitest';
import { withholdPeerConnections } from '#base/peer-connections.ts';

test('no peer connection can be built any more, nor its constructor be put back', () => {
	const Connection = function (): void {};
	const scope = { RTCPeerConnection: Connection, webkitRTCPeerConnection: Connection };
	withholdPeerConnections(scope);
	expect(scope).toEqual({ RTCPeerConnection: undefined, webkitRTCPeerConnection: undefined });
	expect(() => Object.assign(scope, { RTCPeerConnection: Connection })).toThrow(TypeError);
	expect(() => Object.defineProperty(scope, 'RTCPeerConnection', { value: Connection })).toThrow(
		TypeError,
	);
	expect(Object.keys(scope)).not.toContain('mozRTCPeerConnection');
});
