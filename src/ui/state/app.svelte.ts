/** @file State of the page: the run shown, the next run, and the actions of the buttons. */
import { createContext } from 'svelte';
import type { KnobValue } from '#base/knobs.ts';
import { isCalled } from '#platform/model-name.ts';
import { askToPersist } from '#storage/files/persist.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { SessionError } from '#base/failure.ts';
import { t } from '../language/language.svelte.ts';
import { Offline } from '../offline/offline.svelte.ts';
import { environmentOf, recipeFor, taughtOf, type Catalogue } from './catalogue.ts';
import { Keys } from './kept/keys.svelte.ts';
import { asSessionError, Live, type OpenSession } from './live.svelte.ts';
import { recordingOf, Replay } from './replay.svelte.ts';
import { Router } from './route.svelte.ts';
import { Setup } from './setup.svelte.ts';
import { canDo, standingOf, type Can, type Facts, type Standing } from './standing.ts';
import { readWaitingRun, writeWaitingRun } from './kept/waiting-run.ts';
import { World, type Sample } from './world.svelte.ts';

/** Method of a run in English. */
const english = 'grounded';

export interface AppOptions {
	readonly catalogue: Catalogue;
	readonly openSession: OpenSession;
}

export class App {
	readonly catalogue: Catalogue;
	readonly world = new World();
	readonly router = new Router();
	readonly setup: Setup;
	readonly live: Live;
	readonly replay: Replay;
	readonly offline = new Offline();
	readonly keys = new Keys();
	error = $state.raw<SessionError | null>(null);
	/** A command is on its way; buttons wait for it. */
	acting = $state(false);
	/** Presented on one screen for a room, and how: parameter `present` of the address; null if it is not. */
	presents = $state.raw(new URLSearchParams(location.search).get('present'));
	/** Controls that a teacher's link shows: parameter `class` of the address; null shows all. */
	classroom = $state.raw(new URLSearchParams(location.search).get('class'));
	/** A phone in the room: how far the run will get is guessed there. Parameter `guess` of the address. */
	readonly guesses = new URLSearchParams(location.search).has('guess');
	/** Takes the session's events in place of World, while a lesson runs worlds of its own. */
	aside: ((events: readonly SessionEvent[]) => void) | null = null;
	/** Experience that a dialog of the World page shows. */
	opened = $state.raw<Sample | null>(null);
	/** Id of the run shown, once it turned out that it is not stored any more. */
	lost = $state.raw<string | null>(null);

	constructor({ catalogue, openSession }: AppOptions) {
		this.catalogue = catalogue;
		this.setup = new Setup(catalogue, new URLSearchParams(location.search));
		this.live = new Live(
			openSession,
			() => this.setup.compute,
			(events) => {
				this.#takeLive(events);
			},
		);
		this.replay = new Replay(
			() => {
				this.world.begin('recorded');
			},
			(events) => {
				if (this.world.source === 'recorded') this.world.apply(events);
			},
		);
	}

	/** Request of the run shown; before any run, of the next one. */
	readonly asked = $derived.by(() => this.world.run?.recipe ?? this.setup.asked);
	readonly environment = $derived.by(() => environmentOf(this.catalogue, this.asked));
	/** Difficulties taught to the environment's seedling, inclusive. */
	readonly taught = $derived.by(() => taughtOf(this.catalogue, this.asked));
	readonly recipe = $derived.by(() => recipeFor(this.catalogue, this.asked));

	/** The run shown is one's own, not over, and of the method whose knobs are shown. */
	readonly takesKnobs = $derived.by(() => {
		const { run, source, status } = this.world;
		const isOpen = source === 'live' && status !== 'finished';
		const { method, cells } = this.setup.asked;
		return isOpen && run?.recipe.method === method && run.recipe.cells?.join() === cells?.join();
	});

	readonly #facts: Facts = $derived.by(() => ({
		source: this.world.source,
		status: this.world.status,
		trains: this.live.trains,
		answers: this.live.answers,
		isStored: this.world.run?.id !== this.lost,
		acting: this.acting,
	}));
	readonly standing: Standing = $derived.by(() => standingOf(this.#facts));
	readonly can: Can = $derived.by(() => canDo(this.#facts));

	/** Is this control to be seen? A teacher's link names those that are. */
	shows(control: string): boolean {
		return this.classroom?.split(',').includes(control) ?? true;
	}

	/** Shows everything, and what was left out so far. */
	leaveClass(): void {
		this.classroom = null;
		if (this.world.source === 'none') void this.arrive(recordingOf('default'));
	}

	/** Starts the visitor's own run, the one that is set up unless told; a recorded one gives way. */
	evolve(singleStep = false, start = this.setup.start): Promise<void> {
		// Not waited for: a browser that asks the person first must not hold up the run.
		void askToPersist().catch(() => false);
		return this.#act(async () => {
			const session = await this.live.openForRun();
			this.#showLive();
			const runId = await session.start(start);
			writeWaitingRun(runId);
			if (singleStep) await session.pause();
		});
	}

	/** Sets the next run up for English; without `model` it begins with the environment's own. */
	setUpEnglish(model?: string): void {
		this.setup.chooseMethod(english);
		this.setup.chooseModel(model);
	}

	/** Plays the recorded run in English; one that does not come leaves the page as it is and says so. */
	async watchEnglish(): Promise<void> {
		const outcome = await this.replay.load(recordingOf('english'));
		if (outcome === 'shown') this.setUpEnglish();
		const message = t('page.noRecording');
		if (outcome === 'missing') this.error = { code: 'no-recording', message };
	}

	/** Goes on with the run shown, with more rounds if it had finished. */
	goOn(moreRounds = 0): Promise<void> {
		const { run } = this.world;
		if (!run) return this.evolve();
		return this.#act(async () => {
			const session = await this.live.openForRun();
			await session.resume(run.id, moreRounds ? { rounds: run.recipe.rounds + moreRounds } : {});
			writeWaitingRun(run.id);
		});
	}

	pause(): Promise<void> {
		return this.#act(async () => (await this.live.open()).pause());
	}

	/** One step of the run shown, even if another is the session's current run. */
	step(): Promise<void> {
		const { run, source } = this.world;
		if (source !== 'live' || !run || this.standing === 'gone') return this.evolve(true);
		return this.#act(async () => {
			const session = await this.live.openForRun();
			await session.resume(run.id, { singleStep: true });
			writeWaitingRun(run.id);
		});
	}

	stop(): Promise<void> {
		return this.#act(async () => (await this.live.open()).stop());
	}

	/** Turns a knob for the next run, and in the run shown if it has that knob. */
	turn(name: string, value: KnobValue): string | undefined {
		const { run } = this.world;
		const refused = this.setup.turn(name, value);
		if (refused === undefined && run && this.takesKnobs)
			void this.#act(async () => (await this.live.open()).setKnob(name, value, run.id));
		return refused;
	}

	/** After the first paint: the run that a closed tab left, else the recording. */
	async arrive(recordingUrl: string): Promise<void> {
		// A class shares one weak network: a lesson asks for no more than it shows.
		if (!this.shows('pages') && this.router.route !== 'world') return;
		void this.#lookForModel();
		const runId = readWaitingRun();
		if (runId === null) {
			await this.replay.load(recordingUrl);
			return;
		}
		try {
			const session = await this.live.open();
			const run = (await session.runs()).find(({ id }) => id === runId);
			// Meanwhile the person has begun one.
			if (this.world.source === 'live') return;
			if (!run) {
				writeWaitingRun(null);
				await this.replay.load(recordingUrl);
				return;
			}
			this.#showLive();
			this.world.apply([{ type: 'run', run }]);
			// An address that asks for nothing means the run that is there.
			if (location.search === '') this.setup.adopt(run.recipe);
			// One that was cut off says so and goes on by itself; one that a person paused waits for them.
			// `running` here is another tab's run, which this one watches.
			if (run.status === 'paused' && run.message !== undefined) await session.resume(run.id);
		} catch (error) {
			this.error = asSessionError(error);
		}
	}

	/** Shows a stored run on the World page. */
	async show(runId: string): Promise<void> {
		const session = await this.live.open();
		const run = (await session.runs()).find(({ id }) => id === runId);
		if (!run) return;
		this.#showLive();
		this.world.apply([{ type: 'run', run }]);
		this.setup.adopt(run.recipe);
	}

	dismiss(): void {
		this.error = null;
		this.world.error = null;
	}

	async dispose(): Promise<void> {
		this.replay.stop();
		this.router.dispose();
		await this.live.dispose();
	}

	#showLive(): void {
		this.replay.stop();
		this.world.begin('live');
	}

	#takeLive(events: readonly SessionEvent[]): void {
		if (this.aside) {
			this.aside(events);
			return;
		}
		const said = events.findLast((event) => event.type === 'status');
		if (said?.status === 'finished' || said?.status === 'stopped') writeWaitingRun(null);
		if (said?.status === 'failed') void this.#lookForRun(said.runId);
		// A run under way, here or in another tab, is shown rather than a recording.
		const isUnderWay = events.some(
			(event) => event.type === 'run' && event.run.status === 'running',
		);
		if (isUnderWay && this.world.source !== 'live') this.#showLive();
		if (this.world.source === 'live') this.world.apply(events);
	}

	/** A model that only an address names may be nowhere: said before Evolve is pressed. */
	async #lookForModel(): Promise<void> {
		const { model } = this.setup.asked;
		if (model === undefined) return;
		try {
			const choices = await (await this.live.open()).chatModels();
			const isHere = choices.some((one) => one.model === model || isCalled(one.name, model));
			if (!isHere && this.setup.asked.model === model) this.setup.refuseModel(model);
		} catch {
			// Evolve says what is wrong.
		}
	}

	/** A run that failed may be gone with all the site's data: then there is nothing to go on with. */
	async #lookForRun(runId: string): Promise<void> {
		try {
			const runs = await (await this.live.open()).runs();
			if (runs.some(({ id }) => id === runId)) return;
			this.lost = runId;
			if (readWaitingRun() === runId) writeWaitingRun(null);
		} catch {
			// The failure itself is shown already.
		}
	}

	async #act(action: () => Promise<void>): Promise<void> {
		this.acting = true;
		this.error = null;
		try {
			await action();
		} catch (error) {
			this.error = asSessionError(error);
		} finally {
			this.acting = false;
		}
	}
}

/** The page's state, handed down by context: `getApp()` in any component below `App.svelte`. */
export const [getApp, setApp] = createContext<App>();
