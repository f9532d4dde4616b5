/** @file Mounts the page; the session, with all that is heavy behind it, is opened on first need. */
import { mount } from 'svelte';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { withholdPeerConnections } from '#base/peer-connections.ts';
import { trustOwnScripts } from '#base/trusted-types.ts';
import App from './ui/App.svelte';
import { registerWorker, workerInPlace } from './ui/offline/register-worker.ts';
import { language } from './ui/language/language.svelte.ts';
import { App as AppState } from './ui/state/app.svelte.ts';
import { recordingOf } from './ui/state/replay.svelte.ts';
import './ui/theme.css';

trustOwnScripts();
withholdPeerConnections();
await language.begin();
const app = new AppState({
	catalogue: {
		methods,
		environments: Object.values(environments),
	},
	openSession: async (compute) => {
		const [{ openSession }] = await Promise.all([
			import('./ui/state/open-session.ts'),
			workerInPlace(),
		]);
		return openSession(compute);
	},
});

const target = document.querySelector('#app');
if (!target) throw new Error('index.html must have an element with the id "app".');
target.replaceChildren(); // what index.html shows until here
mount(App, { target, props: { app } });
await firstPaint();
void app.arrive(recordingOf('default'));
void registerWorker().then((registration) => app.offline.follow(registration));

/** After the first frame, so that nothing delays it; soon in any case, since a hidden tab draws none. */
function firstPaint(): Promise<void> {
	return new Promise((resolve) => {
		requestAnimationFrame(() => setTimeout(resolve));
		setTimeout(resolve, 500);
	});
}
