/** @file Judged answers (KTO) to one prompt as preferences: each good one beside a bad one. */
import type { TrainingRow, TrainingTurn } from '#training/data/training-row.ts';
import { rowOf, type Lesson, type Said } from '../row.ts';
import type { PreparedRow } from './prepared.ts';

interface Parts {
	readonly prompt: Said;
	readonly completion: Said;
}

/** The last answer, and what was said before it. */
function partsOf(row: TrainingRow): Parts | undefined {
	if (!('messages' in row)) return { prompt: row.prompt, completion: row.completion };
	const last = row.messages.length - 1;
	return row.messages[last]?.role === 'assistant'
		? { prompt: row.messages.slice(0, last), completion: row.messages.slice(last) }
		: undefined;
}

const plain = (said: Said): unknown =>
	typeof said === 'string' ? said : said.map(({ role, content }: TrainingTurn) => [role, content]);

/**
 * Good answers with a bad one to the same prompt on the same side become preferences, in their order, each bad one once; it
 * is then no row of its own. Without a partner a good answer is learnt as it is, and of a bad one nothing.
 */
export function pairJudged(rows: readonly PreparedRow[]): readonly PreparedRow[] {
	const open = new Map<string, { good: number[]; bad: number[] }>();
	rows.forEach(({ row: { lesson }, side, left }, i) => {
		if (lesson.kind !== 'judged' || left !== undefined) return;
		const prompt = partsOf(lesson.row)?.prompt;
		if (prompt === undefined) return;
		const key = `${side} ${JSON.stringify(plain(prompt))}`;
		const held = open.get(key) ?? { good: [], bad: [] };
		held[lesson.good ? 'good' : 'bad'].push(i);
		open.set(key, held);
	});
	const partner = new Map<number, number>();
	for (const { good, bad } of open.values())
		good.slice(0, bad.length).forEach((at, i) => partner.set(at, bad[i] ?? -1));
	if (partner.size === 0) return rows;
	const taken = new Set(partner.values());
	return rows.map((one, i): PreparedRow => {
		if (taken.has(i)) return { ...one, left: 'paired' };
		const other = rows[partner.get(i) ?? -1];
		const lesson = other && preferenceOf(one.row.lesson, other.row.lesson);
		if (!lesson) return one;
		const { id: _, lesson: __, ...place } = one.row;
		return { ...one, row: rowOf(place, lesson) };
	});
}

function preferenceOf(better: Lesson, worse: Lesson): Lesson | undefined {
	if (better.kind !== 'judged' || worse.kind !== 'judged') return undefined;
	const [chosen, rejected] = [partsOf(better.row), partsOf(worse.row)];
	if (!chosen || !rejected) return undefined;
	return {
		kind: 'preference',
		prompt: chosen.prompt,
		chosen: chosen.completion,
		rejected: rejected.completion,
	};
}
