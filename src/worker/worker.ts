/** @file Entry point of the page's worker; no other file touches the worker's scope. */
import { withholdPeerConnections } from '#base/peer-connections.ts';
import { trustOwnScripts } from '#base/trusted-types.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import { environments } from '#environments/registry.ts';
import { sendHeartbeats } from '#base/concurrency/heartbeat.ts';
import { openOpfsLibrary } from '#storage/library/opfs.ts';
import { openAdapterFiles } from '#chat/adapter-files.ts';
import { LocalSession } from '#runs/local-session.ts';
import { openBrowserPlatform } from '#platform/open-browser.ts';
import { begunIn } from '#runs/request.ts';
import { openModelsApi } from './api.ts';
import { serveApi } from './rpc.ts';
import { openWatched } from './tabs.ts';

/** The site's own models, by their folders. */
const seedlings = Object.keys(environments)
	.map((name) => begunIn(name).start.model)
	.filter((model) => Object.hasOwn(alphabets, model));

trustOwnScripts();
withholdPeerConnections();
// Missing on pages served over plain http, whatever the type says.
const locks = navigator.locks as LockManager | undefined;
void sendHeartbeats((beat) => self.postMessage(beat), locks);

serveApi(self, async (options, emit) => {
	const library = await openOpfsLibrary();
	const platform = await openBrowserPlatform(options, library);
	const adapters = await openAdapterFiles();
	let trains = (): boolean => true;
	const local = new LocalSession(platform, { trains: () => trains() });
	const models = openModelsApi({
		platform,
		models: local.models,
		adapters,
		projects: () => openAdapterFiles('evolvarium-teach'),
		...(library && { library }),
		seedlings,
		isInUse: (model) => local.isInUse(model),
		emit,
	});
	if (!locks) return { session: local, models };
	const openLocal = (isTrainer: () => boolean): LocalSession => {
		trains = isTrainer;
		return local;
	};
	const channel = new BroadcastChannel('evolvarium/session');
	const onRole = (trains: boolean): void => emit({ type: 'role', trains });
	return { session: await openWatched(openLocal, { locks, channel, onRole }), models };
});
