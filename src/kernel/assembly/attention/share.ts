/**
 * @file Attention of all tokens of a job, shared among the threads: each takes tokens and groups of heads with the same keys,
 * and, if these are few and their caches long, pages of keys and columns of values of those left over. Every number is summed
 * in the same order either way.
 */
import { listNumbers, pageTokens } from '../layout/blocks';
import * as Job from '../layout/job';
import * as Model from '../layout/model';
import * as Team from '../layout/team';
import { loadI32, loadPointer, row } from '../tables';
import { barrier, beginShares, nextItem, nextOfShares } from '../team';
import { roundWeights } from './eight-values';
import { isWhole } from './packed';
import { attend, scorePages, weighPages } from './attend';
import { softmax } from './softmax';

/** Slots from which the cache of a single token is worth being shared, and those of a part of its keys. */
const fewestShared: i32 = 256;
const slotsOfPart: i32 = 8 * pageTokens;
/** Bytes of the columns of a part of its values; twice as many of whole numbers, whose weights are gathered for each part. */
const bytesOfPart: usize = 64;

/** Heads of the next pass, of those that are left: at most three, and no single one after them. */
function together(left: i32): i32 {
	return left > 4 ? 3 : left == 4 ? 2 : left;
}

/** Slots that token `i` sees. */
function seenBy(job: usize, i: i32): i32 {
	return loadI32(loadPointer(job + Job.slots) + ((<usize>i) << 2)) + 1;
}
function pagesOf(job: usize, i: i32): usize {
	return loadPointer(loadPointer(job + Job.pageLists) + ((<usize>i) << 2));
}
/** Query of head `h` of token `i`. */
function queryOf(model: usize, i: i32, h: i32): usize {
	const at = row(loadPointer(model + Model.queries), i, loadI32(model + Model.headsStride));
	return at + ((<usize>(h * loadI32(model + Model.headSize))) << 2);
}
/** Stripe of the keys of group `g` in layer `index`; that of the values is as many groups on. */
export function keysOf(model: usize, index: i32, g: i32): i32 {
	return 2 * index * loadI32(model + Model.keyValueHeads) + g;
}
export function valuesOf(model: usize, index: i32, g: i32): i32 {
	return keysOf(model, index, g) + loadI32(model + Model.keyValueHeads);
}

/** Where this thread unpacks keys and values. */
function roomOf(model: usize, thread: i32): usize {
	const numbers = pageTokens * loadI32(model + Model.headSize) + listNumbers;
	return row(loadPointer(model + Model.unpacked), thread, numbers);
}

/** All heads of group `g` of token `i`, with the scores of one pass at a time. */
function attendGroup(
	model: usize,
	job: usize,
	index: i32,
	i: i32,
	g: i32,
	scores: usize,
	room: usize,
): void {
	const heads = loadI32(model + Model.heads);
	const count = heads / loadI32(model + Model.keyValueHeads);
	const line = (<usize>loadI32(model + Model.scoresStride)) << 2;
	const votes = loadPointer(job + Job.votes);
	const stride = loadI32(job + Job.votesStride);
	for (let done = 0, some = 0; done < count; done += some) {
		some = together(count - done);
		const h = g * count + done;
		attend(
			queryOf(model, i, h),
			some,
			pagesOf(job, i),
			keysOf(model, index, g),
			valuesOf(model, index, g),
			seenBy(job, i),
			loadI32(model + Model.headSize),
			scores,
			line,
			votes ? row(votes, index * heads + h, stride) : 0,
			(<usize>stride) << 2,
			loadI32(job + Job.cacheType),
			room,
		);
	}
}

/**
 * A few pairs of a token and a group, of which each thread can have `whole` / threads: what is left is shared by parts of the
 * keys, then by heads, then by columns of the values. A thread that reads what another one wrote waits for each cache line,
 * so as few as possible are shared.
 */
function attendInParts(
	team: usize,
	model: usize,
	job: usize,
	index: i32,
	thread: i32,
	scratch: usize,
	longest: i32,
	whole: i32,
): void {
	const heads = loadI32(model + Model.heads);
	const groups = loadI32(model + Model.keyValueHeads);
	const size = loadI32(model + Model.headSize);
	const count = heads / groups;
	const stride = loadI32(model + Model.scoresStride);
	const line = (<usize>stride) << 2;
	// Rows after those that threads have for whole pairs.
	const scores = loadPointer(model + Model.scores);
	const type = loadI32(job + Job.cacheType);
	const room = roomOf(model, thread);
	const pairs = loadI32(job + Job.tokens) * groups - whole;
	const parts = whole + pairs * ((longest + slotsOfPart - 1) / slotsOfPart);
	beginShares(team, thread);
	for (
		let part = nextOfShares(team, thread, parts);
		part < parts;
		part = nextOfShares(team, thread, parts)
	) {
		if (part < whole) {
			attendGroup(model, job, index, part / groups, part % groups, scratch, room);
			continue;
		}
		const pair = whole + ((part - whole) % pairs);
		const i = pair / groups;
		const g = pair % groups;
		const from = ((part - whole) / pairs) * slotsOfPart;
		const to = min(seenBy(job, i), from + slotsOfPart);
		for (let done = 0, some = 0; done < count; done += some) {
			some = together(count - done);
			const h = g * count + done;
			const at = row(scores, i * heads + h, stride);
			const q = queryOf(model, i, h);
			const k = keysOf(model, index, g);
			scorePages(q, some, pagesOf(job, i), k, from, to, size, at, line, type, room, k + groups);
		}
	}
	if (pairs == 0) return;
	barrier(team);
	for (let item = nextItem(team, 1); item < pairs * count; item = nextItem(team, 1)) {
		const head = whole * count + item;
		const i = head / heads;
		const at = row(scores, head, stride);
		const v = valuesOf(model, index, (head % heads) / count);
		softmax(at, line, seenBy(job, i));
		if (isWhole(type, size)) roundWeights(at, line, seenBy(job, i), pagesOf(job, i), v, size);
	}
	barrier(team);
	const bytes = (<usize>size) << 2;
	const part = isWhole(type, size) ? 2 * bytesOfPart : bytesOfPart;
	const columns = pairs * <i32>((bytes + part - 1) / part);
	for (let item = nextItem(team, 1); item < columns; item = nextItem(team, 1)) {
		const pair = whole + (item % pairs);
		const i = pair / groups;
		const g = pair % groups;
		const from = <usize>(item / pairs) * part;
		const end = min(bytes, from + part);
		const v = valuesOf(model, index, g);
		for (let done = 0, some = 0; done < count; done += some) {
			some = together(count - done);
			const h = g * count + done;
			const at = row(scores, i * heads + h, stride);
			const q = queryOf(model, i, h);
			const pages = pagesOf(job, i);
			weighPages(pages, v, seenBy(job, i), size, from, end, some, at, line, q, type, room);
		}
	}
}

/** One thread's share of the attention in layer `index`, in place of the queries. */
export function attendAll(team: usize, model: usize, job: usize, index: i32, thread: i32): void {
	const tokens = loadI32(job + Job.tokens);
	const groups = loadI32(model + Model.keyValueHeads);
	const count = loadI32(model + Model.heads) / groups;
	const threads = loadI32(team + Team.threads);
	// As many rows for each thread as `rowsOfThread` in the engine.
	const scores = row(
		loadPointer(model + Model.scores),
		thread * min(3, count),
		loadI32(model + Model.scoresStride),
	);
	const room = roomOf(model, thread);
	if (loadPointer(job + Job.votes)) {
		// One thread adds all votes of a head: the order of its sums is that of the tokens.
		for (let g = nextItem(team, 1); g < groups; g = nextItem(team, 1))
			for (let i = 0; i < tokens; i++) attendGroup(model, job, index, i, g, scores, room);
		return;
	}
	if (threads > 1 && tokens * groups <= 2 * threads) {
		let longest = 0;
		for (let i = 0; i < tokens; i++) longest = max(longest, seenBy(job, i));
		if (longest >= fewestShared) {
			const whole = tokens * groups - ((tokens * groups) % threads);
			attendInParts(team, model, job, index, thread, scores, longest, whole);
			return;
		}
	}
	const pairs = tokens * groups;
	beginShares(team, thread);
	for (
		let pair = nextOfShares(team, thread, pairs);
		pair < pairs;
		pair = nextOfShares(team, thread, pairs)
	)
		attendGroup(model, job, index, pair % tokens, pair / tokens, scores, room);
}
