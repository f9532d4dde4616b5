/** @file Dialogues of an engine with an environment, greedy, all at once; right ones are counted. */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Engine } from '#engines/engine.ts';
import { completionOf } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';

/** Replies to one task at most. */
const mostReplies = 16;

/** Number of tasks of one difficulty whose last reply is right. */
export async function countRight(
	engine: Pick<Engine, 'generate'>,
	environment: Environment,
	difficulty: number,
	tasks: readonly { readonly item: Item; readonly view: View }[],
): Promise<number> {
	let correct = 0;
	let open = tasks.map((task) => {
		const dialogue = environment.open(task.item, task.view);
		return { task, dialogue, prompt: dialogue.first(), replies: [] as readonly Message[] };
	});
	for (let reply = 1; open.length > 0; reply++) {
		const answers = await engine.generate(
			open.map(({ prompt }) => prompt),
			{ maxTokens: environment.maxTokens(difficulty).answer },
		);
		const goOn: typeof open = [];
		for (const [i, one] of open.entries()) {
			const answer = answers[i];
			if (!answer) continue;
			const completion = completionOf(environment, answer);
			const { stopReason } = answer;
			const said: Message = { role: 'assistant', content: completion };
			const replies = [...one.replies, said];
			const next: Prompt | null =
				stopReason === 'stop' && reply < mostReplies ? await one.dialogue.next(said) : null;
			if (next !== null) goOn.push({ ...one, prompt: next, replies });
			else {
				const turns = replies.length > 1 ? { turns: replies } : {};
				const score = await environment.score({ ...one.task, completion, stopReason, ...turns });
				if (score.verdict.kind === 'correct') correct++;
			}
		}
		open = goOn;
	}
	return correct;
}
