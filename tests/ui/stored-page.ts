/** @file The page at an address of its own, over stored runs, and what every panel is held to. */
import axe from 'axe-core';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect } from 'vitest';
import { page } from 'vitest/browser';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import type { Session, SessionEvent } from '#runs/session.ts';
import type { Store } from '#storage/runs/store.ts';
import App from '../../src/ui/App.svelte';
import { App as AppState } from '../../src/ui/state/app.svelte.ts';
import '../../src/ui/theme.css';
import { clientOver, type OpenModels } from './client-over.ts';
import { sessionOver } from './stored-runs.ts';

export interface StoredPage {
	readonly app: AppState;
	readonly session: Session;
	/** Has the session say this, as if a step had just been committed. */
	say(event: SessionEvent): void;
	close(): Promise<void>;
}

/** The page at an address of its own, over these runs. */
export function openStored(store: Store, hash: string, models?: OpenModels): StoredPage {
	const before = location.href;
	history.replaceState(null, '', `${location.pathname}${hash}`);
	const session = sessionOver(store);
	const listeners: ((event: SessionEvent) => void)[] = [];
	const subscribe = session.subscribe.bind(session);
	session.subscribe = (listener) => {
		listeners.push(listener);
		return subscribe(listener);
	};
	const app = new AppState({
		catalogue: { methods, environments: Object.values(environments) },
		openSession: () => Promise.resolve(clientOver(session, models)),
	});
	const shown = mount(App, { target: document.body, props: { app } });
	flushSync();
	return {
		app,
		session,
		say: (event) => {
			for (const listener of listeners) listener(event);
		},
		close: async () => {
			await unmount(shown);
			await app.dispose();
			history.replaceState(null, '', before);
			localStorage.clear();
		},
	};
}

/** Opens pages in the tests of a file, each closed after its test; every test begins with nothing remembered. */
export function storedPages(): (store: Store, hash: string) => StoredPage {
	let opened: StoredPage | undefined;
	beforeEach(() => {
		localStorage.clear();
	});
	afterEach(async () => {
		await opened?.close();
		opened = undefined;
		await page.viewport(1280, 900);
	});
	return (store, hash) => (opened = openStored(store, hash));
}

/** Two busy cores may take their time. */
export const soon = <T>(look: () => T | Promise<T>, timeout = 15_000) =>
	expect.poll(look, { timeout });

export const box = (name: string) => page.getByRole('textbox', { name });
export const press = (name: string | RegExp) => page.getByRole('button', { name });

/** How many rows the grid says it has. */
export const rowCount = () =>
	Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? 0) - 1;
export const loaded = (n: number) => soon(rowCount).toBe(n);

/** What axe objects to. */
export async function violations(): Promise<readonly string[]> {
	const { violations: found } = await axe.run(document.body, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'],
		rules: { region: { enabled: false } },
	});
	return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** Pixels that the page is wider than the window. */
export const sticksOut = () =>
	document.documentElement.scrollWidth - document.documentElement.clientWidth;
