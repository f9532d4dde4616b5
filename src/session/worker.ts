/** @file The worker of the page: the one place that touches its scope. */
import { portOver } from './connect-worker.ts';
import { serveDesk } from './desk-channel.ts';
import { openDesk } from './desk.ts';
import { LocalSession } from './local-session.ts';
import { openBrowserPlatform } from './open-browser.ts';
import type { Platform } from './platform.ts';
import type { Message, Request } from './protocol.ts';
import { serve } from './serve.ts';
import { openWatched } from './watch.ts';

let opened: { readonly platform: Platform; readonly session: LocalSession } | undefined;

serve(
	portOver<Message, Request>(self),
	async (options) => {
		const platform = await openBrowserPlatform(options);
		const openSession = (trains?: () => boolean): LocalSession => {
			const session = new LocalSession(platform, trains ? { trains } : {});
			opened = { platform, session };
			return session;
		};
		// Missing on pages served over plain http, whatever the type says.
		const locks = navigator.locks as LockManager | undefined;
		if (!locks) return openSession();
		const channel = new BroadcastChannel('evolvarium/session');
		return openWatched(openSession, { locks, channel });
	},
	(port) => {
		if (!opened) throw new Error('The session is not open.');
		const { platform, session } = opened;
		serveDesk(port, (tell) => openDesk({ platform, models: session.models, tell }));
	},
);
