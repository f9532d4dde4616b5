/** @file The page mounted over a session that a test speaks for. */
import { flushSync, mount, unmount } from 'svelte';
import { page } from 'vitest/browser';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import type { Compute } from '#platform/compute.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import App from '../../src/ui/App.svelte';
import { App as AppState } from '../../src/ui/state/app.svelte.ts';
import '../../src/ui/theme.css';
import { clientOver, type OpenModels } from './client-over.ts';
import { silentSession, type SilentSession } from './silent-session.ts';

export interface OpenPage {
	readonly app: AppState;
	readonly session: SilentSession;
	/** What each session that was opened was to compute on. */
	readonly opened: readonly Compute[];
	/** Has the session say these, and draws them at once. */
	say(...lists: readonly (readonly SessionEvent[])[]): void;
	close(): Promise<void>;
}

/** Mounts the page as if it had been opened with this query. */
export function openPage(query = '', stored?: RunRecord, models?: OpenModels): OpenPage {
	const before = location.href;
	history.replaceState(null, '', `${location.pathname}${query}`);
	const session = silentSession(stored ? { stored } : {});
	const opened: Compute[] = [];
	const app = new AppState({
		catalogue: { methods, environments: Object.values(environments) },
		openSession: (compute) => {
			opened.push(compute);
			return Promise.resolve(clientOver(session, models));
		},
	});
	const shown = mount(App, { target: document.body, props: { app } });
	flushSync();
	return {
		app,
		session,
		opened,
		say: (...lists) => {
			session.say(lists.flat());
			app.live.flush();
			flushSync();
		},
		close: async () => {
			await unmount(shown);
			await app.dispose();
			history.replaceState(null, '', before);
			localStorage.clear();
		},
	};
}

/** The text of the first element found, its white space folded. */
export const text = (selector: string): string =>
	(document.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim();

export const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
