/** @file The worker of the page: the one place that touches its scope. */
import { alphabets } from '#seedlings/alphabets.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { openOpfsLibrary } from '#storage/library/opfs.ts';
import { openAdapterFiles } from '#chat/adapter-files.ts';
import { portOver } from './connect-worker.ts';
import { serveDesk } from './rpc.ts';
import { openDesk, type Desk, type Tell } from './api.ts';
import { LocalSession } from '#runs/local-session.ts';
import { openBrowserPlatform } from '#platform/open-browser.ts';
import type { Message, Request } from './protocol.ts';
import { serve } from './serve.ts';
import { openWatched } from './tabs.ts';

/** The site's own models, by their folders. */
const seedlings = Object.keys(environments)
	.map((name) => openEnvironment(name).model)
	.filter((model) => Object.hasOwn(alphabets, model));

/** Known once the session is open. */
let openDeskFor: ((tell: Tell) => Desk) | undefined;

serve(
	portOver<Message, Request>(self),
	async (options) => {
		const library = await openOpfsLibrary();
		const platform = await openBrowserPlatform(options, library);
		const adapters = await openAdapterFiles();
		const openSession = (trains?: () => boolean): LocalSession => {
			const session = new LocalSession(platform, trains ? { trains } : {});
			const isInUse = (model: string): boolean => session.isInUse(model);
			openDeskFor = (tell) =>
				openDesk({
					platform,
					models: session.models,
					adapters,
					...(library && { library }),
					seedlings,
					isInUse,
					tell,
				});
			return session;
		};
		// Missing on pages served over plain http, whatever the type says.
		const locks = navigator.locks as LockManager | undefined;
		if (!locks) return openSession();
		const channel = new BroadcastChannel('evolvarium/session');
		return openWatched(openSession, { locks, channel });
	},
	(port) => {
		const open = openDeskFor;
		if (open) serveDesk(port, open);
	},
);
