/** @file A worker for the tests of the watchdog: it beats as the page's own does, then spins or closes itself when told. */
import { sendHeartbeats } from '#base/concurrency/heartbeat.ts';

void sendHeartbeats((beat) => {
	self.postMessage(beat);
}, navigator.locks);
self.onmessage = ({ data }: MessageEvent<unknown>) => {
	if (data === 'close') self.close();
	if (data === 'spin') for (let i = 0; i >= 0; i = (i + 1) % 1000);
};
