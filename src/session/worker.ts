/** @file The worker of the page: the one place that touches its scope. */
import { portOver } from './connect-worker.ts';
import { LocalSession } from './local-session.ts';
import { openBrowserPlatform } from './open-browser.ts';
import type { Message, Request } from './protocol.ts';
import { serve } from './serve.ts';
import { openWatched } from './watch.ts';

serve(portOver<Message, Request>(self), async (options) => {
	const platform = await openBrowserPlatform(options);
	// Missing on pages served over plain http, whatever the type says.
	const locks = navigator.locks as LockManager | undefined;
	if (!locks) return new LocalSession(platform);
	const channel = new BroadcastChannel('evolvarium/session');
	return openWatched((trains) => new LocalSession(platform, { trains }), { locks, channel });
});
