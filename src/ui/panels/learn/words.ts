/** @file The words of the Learn page; those of a lesson are in its own file. */
import type { Phase } from '#loop/types.ts';
import type { FigureName } from './lesson/figures.ts';

export const words = {
	title: 'Learn',
	about:
		'Short lessons about models that teach themselves. Each asks one question. Say first what you expect; then watch it happen: real runs of this page, side by side, that differ in one thing only.',
	minutes: (n: number) => `${n} min`,
	all: 'All lessons',
	done: (isRight: boolean) => (isRight ? 'you foresaw it' : 'it surprised you'),
	seen: 'seen',
	section: (section: string) => `Section ${section} of the survey`,
	asks: 'What do you expect?',
	say: 'That is what I expect',
	skip: 'Skip, just show me',
	change: 'Choose again',
	expected: (option: string) => `You expect: ${option}`,
	skipped: 'You did not say what you expect.',
	first: 'Say what you expect first, or skip that. Then the worlds begin.',
	run: (worlds: number) => (worlds > 1 ? `Run the ${worlds} worlds` : 'Run it'),
	again: 'Run again',
	stop: 'Stop',
	play: 'Play the recorded run',
	toEnd: 'Show the end',
	opening: 'Getting the model …',
	recorded: (day: string) => `Recorded on ${day} by this same program, played fast.`,
	live: 'Live, in this tab.',
	takes: 'Live it takes about a minute or two; the recording takes seconds.',
	pauseFirst: 'Another run is under way. It can be paused, and goes on later.',
	pause: 'Pause it and begin',
	elsewhere: 'Another tab trains just now; the recorded run can be played here.',
	noRecording: 'The recorded run did not come; check the connection and try again.',
	one: (name: string) => `One thing differs: ${name}`,
	worlds: 'The worlds',
	waits: 'waits',
	examined: 'is examined first',
	round: (t: number, of: number) => `round ${t} of ${of}`,
	ended: 'at its end',
	phases: {
		acquire: 'makes up tasks and answers them',
		refine: 'decides what to keep',
		update: 'trains',
		evaluate: 'is examined',
	} satisfies Record<Phase, string>,
	answers: (name: string) => `Newest answers: ${name}`,
	noAnswers: 'Its answers appear here.',
	none: 'none',
	start: 'start',
	roundAxis: 'round',
	table: 'As a table',
	waiting: 'not known yet',
	came: 'What came out',
	cameOut: (option: string) => option,
	noneCame:
		'None of these came out. That happens: chance has a part in every run. Look at the figures.',
	foresaw: 'You foresaw it.',
	surprised: (option: string) => `You expected: ${option}`,
	unusual: (option: string) => `Usually something else comes out: ${option}`,
	why: 'Why',
	try: 'You could try',
	next: (title: string) => `Next: ${title}`,
	keep: 'These runs are kept under Runs, where every answer can be read.',
	seed: (seed: number) => `seed ${seed}`,
	own: 'A lesson of your own',
	ownAbout:
		'A lesson is one short file of text, without code. Open one here, or send it as a link that holds all of it.',
	open: 'Open a lesson’s file',
	copy: 'Copy a link to this lesson',
	copied: 'Copied. The link holds the whole lesson.',
	notCopied: 'The link could not be copied. Here it is:',
	fromElsewhere: 'This lesson came from a file or a link; its words are not ours.',
	unknown: (id: string) => `There is no lesson “${id}”. These are the ones there are.`,
	figures: {
		frontier: {
			name: 'Masters up to',
			says: 'the longest tasks that it gets right nine times in ten',
		},
		right: { name: 'Right of held-out tasks', says: 'tasks that it was never trained on' },
		forgotten: {
			name: 'Forgotten',
			says: 'largest loss among the lengths that it mastered at the start',
		},
		'true-labels': {
			name: 'True, of what it trains on',
			says: 'checked by a program; the model is never told',
		},
		believed: { name: 'Believed', says: 'how sure it is of what it trains on' },
		kept: { name: 'Kept', says: 'of the tasks of a round' },
		loss: { name: 'Training loss', says: 'nats a token at the end of a round' },
		perplexity: { name: 'Perplexity of plain English', says: 'lower is better' },
	} satisfies Record<FigureName, { readonly name: string; readonly says: string }>,
	lengths: (from: number | undefined, to: number | undefined, unit: string) =>
		from === undefined
			? ''
			: to === undefined
				? `${from} ${unit} and more`
				: from === to
					? `${from} ${unit}`
					: `${from} to ${to} ${unit}`,
} as const;
