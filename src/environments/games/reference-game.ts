/**
 * @file The referential game (Lewis 1969): one seat names an object among others, the other finds it. The speaker is right
 * if the words fit the meant object alone and none are spare (Dale and Reiter 1995), the listener if the object fits the
 * words; so every word and choice has an exact pay-off. Difficulty is the number of objects.
 *
 * Of a small red plain ball, a small blue plain ball and a large red plain cup the first is "small red", or "red ball".
 * The key of an item is the scene with what is meant, whoever is asked, so that a listener's task betrays no description.
 */
import type { Message } from '#base/prompt.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { measured } from '../chance.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Game, Moves, Play } from '../facets/game.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference, type Reward } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { arranged, drawOrders } from '../strings/shuffled.ts';
import { drawScene, fitting, isObject, shortest, wordsIn } from './descriptions.ts';

const fewest = 3;
const most = 8;
/** Of two words of the meant object, by difficulty. */
const named = measured(fewest, [0.362, 0.292, 0.226, 0.189, 0.122, 0.091]);
const seats = ['speaker', 'listener'] as const;
type Seat = (typeof seats)[number];

interface Scene {
	readonly objects: readonly string[];
	/** Place of the meant object, from 1; what the speaker sees. */
	readonly target?: number;
	/** What the listener hears. */
	readonly said?: readonly string[];
}

/** The scene of an item; items may come from a file, so a wrong one is refused. */
function sceneOf({ objects, target, said }: Item): Scene {
	const seen: readonly unknown[] = Array.isArray(objects) ? objects : [];
	const isSeen = seen.every((one): one is string => typeof one === 'string' && isObject(one));
	if (
		isSeen &&
		seen.length >= fewest &&
		seen.length <= most &&
		new Set(seen).size === seen.length
	) {
		if (said === undefined && typeof target === 'number' && seen[target - 1] !== undefined)
			return { objects: seen, target };
		const words = typeof said === 'string' ? wordsIn(said) : [];
		const isHeard = said === words.join(' ') && fitting(seen, words).length > 0;
		if (target === undefined && isHeard && words.length > 0) return { objects: seen, said: words };
	}
	throw new TypeError(
		`A scene has ${fewest} to ${most} different objects, and one that is meant or words that fit one.`,
	);
}

const keyOf = (item: Item): string => {
	const { objects, target, said = [] } = sceneOf(item);
	const meant = target === undefined ? fitting(objects, said) : [target];
	const words = meant.length === 1 ? '' : `/${said.join(' ')}`;
	return `reference-game/${objects.toSorted().join()}/${meant.map((at) => objects[at - 1]).join()}${words}`;
};

const tasks = defineTasks({
	difficulty: { min: fewest, max: most },
	strata: seats,
	sample(n, random, stratum) {
		const { objects, target } = drawScene(n, random);
		return stratum === 'speaker'
			? { objects, target }
			: { objects, said: shortest(objects, target).join(' ') };
	},
	keyOf,
	stratumOf: (item) => (sceneOf(item).said ? 'listener' : 'speaker'),
	difficultyOf: (item) => sceneOf(item).objects.length,
	views: (_item, count, random) => {
		const drawn = new Map(drawOrders(count, random).map((order) => [order, { order }] as const));
		return [...drawn.values()];
	},
});

/** Places of the objects, from 1, in the order in which a view shows them. */
const shownPlaces = (item: Item, view: View): readonly number[] =>
	arranged(
		sceneOf(item).objects.map((_, i) => i + 1),
		view,
	);

function textOf(item: Item, view: View): string {
	const { objects, target, said = [] } = sceneOf(item);
	const places = shownPlaces(item, view);
	const list = places.map((at, i) => `${i + 1}. a ${objects[at - 1] ?? ''}`).join('\n');
	const asked =
		target === undefined
			? `Somebody who sees these objects means one of them and says: "${said.join(' ')}". Which number is it? Answer with the number.`
			: `Name object ${places.indexOf(target) + 1} in as few of these words as you can, so that somebody who sees the same objects knows which one you mean. Answer with the words alone.`;
	return `Here are ${objects.length} objects:\n${list}\n\n${asked}`;
}

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, view, completion) {
		const places = shownPlaces(item, view);
		if (sceneOf(item).said) {
			const numbers = new Set(completion.match(/\d+/g) ?? []);
			const [said] = numbers;
			const at = places[Number(said) - 1];
			if (numbers.size > 1) return { malformed: 'it names more than one object' };
			return at === undefined ? { malformed: 'it names no object' } : { answer: String(at) };
		}
		const words = wordsIn(completion);
		return words.length > 0 ? { answer: words.join(' ') } : { malformed: 'it describes nothing' };
	},
	write: (item, view, answer) =>
		sceneOf(item).said ? String(shownPlaces(item, view).indexOf(Number(answer)) + 1) : answer,
};

const reference: Reference = {
	solve(item) {
		const { objects, target, said = [] } = sceneOf(item);
		return target === undefined
			? String(fitting(objects, said)[0])
			: shortest(objects, target).join(' ');
	},
	isRight(item, answer) {
		const { objects, target, said = [] } = sceneOf(item);
		if (target === undefined) return fitting(objects, said).includes(Number(answer));
		const words = wordsIn(answer);
		const found = fitting(objects, words);
		return (
			found.length === 1 && found[0] === target && words.length === shortest(objects, target).length
		);
	},
};

/** A game under way: one description, one choice; both seats win if it is the meant object. Words that fit nothing lose. */
function play(item: Item): Play {
	const { objects, target, said: heard } = sceneOf(item);
	const plain = { order: 0 };
	const meant = target ?? fitting(objects, heard ?? [])[0] ?? 0;
	let here: { readonly seat: Seat; readonly item: Item } | undefined = {
		seat: 'speaker',
		item: { objects, target: meant },
	};
	let payoff: number | undefined;
	const end = (won: boolean): void => {
		here = undefined;
		payoff = Number(won);
	};
	const asked = <T>(of: (at: Item) => T): Moves<T> => (here ? { [here.seat]: of(here.item) } : {});
	const prompts = (): Moves<readonly Message[]> =>
		asked((at) => [{ role: 'user', content: textOf(at, plain) }]);
	return {
		first: prompts,
		positions: () => asked((at) => ({ item: at, view: plain })),
		next(replies) {
			if (!here) return Promise.resolve({});
			const read = answers.read(here.item, plain, replies[here.seat]?.content ?? '');
			if ('malformed' in read) end(false);
			else if (here.seat === 'listener') end(Number(read.answer) === meant);
			else if (fitting(objects, wordsIn(read.answer)).length === 0) end(false);
			else here = { seat: 'listener', item: { objects, said: read.answer } };
			return Promise.resolve(prompts());
		},
		rewards() {
			const outcome: Reward =
				payoff === undefined
					? { unjudged: 'the game was not played to its end' }
					: { value: payoff, weight: 1 };
			return Promise.resolve({ speaker: { outcome }, listener: { outcome } });
		},
	};
}
const game: Game = { seats, open: play };

function show(item: Item): string {
	const { objects, target, said = [] } = sceneOf(item);
	return `${objects.join('; ')}: ${target === undefined ? `find ${said.join(' ')}` : `name ${target}`}`;
}

function parse(text: string): { item: Item } | { error: string } {
	const [list = '', asked = '', ...more] = text.length > 400 ? [] : text.trim().split(/\s*:\s*/);
	const objects = list.split(/\s*;\s*/);
	const [, target] = /^name ([1-9])$/.exec(asked) ?? [];
	const item: Item = target
		? { objects, target: Number(target) }
		: { objects, said: asked.replace(/^find /, '') };
	try {
		if (more.length === 0 && show(item).endsWith(asked)) return { item };
	} catch {
		// The sentence below says what a scene is.
	}
	return {
		error: `Type ${fewest} to ${most} objects and which to name or to find, like small red plain ball; small blue plain ball; large red plain cup: name 1.`,
	};
}

export const referenceGame = defineEnvironment({
	name: 'reference-game',
	title: 'Referential game',
	ability: 'communication',
	about:
		'Names an object in the fewest words that tell it from others, or finds the one that was named; each object more is a step harder.',
	papers: ['https://arxiv.org/abs/1612.07182', 'https://arxiv.org/abs/cmp-lg/9504020'],
	knobs: {},
	create: () =>
		({
			name: 'reference-game',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(item, view)),
			maxTokens: (n) => ({ prompt: 96 + 12 * n, answer: 24 }),
			chance: {
				of: 'any object, or any two words of the one that is meant',
				share: (n, stratum) => (stratum === 'listener' ? 1 / n : named(n)),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			game,
			words: {
				title: 'Referential game',
				noun: ['scene', 'scenes'],
				verb: 'name or find',
				unit: 'objects',
				show,
				parse,
			},
		}) satisfies Environment,
});
