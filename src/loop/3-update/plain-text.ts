/**
 * @file Generative replay of plain language (survey 6.1.1): texts that the base model writes of its own accord are learnt
 * beside what is new, so that the policy goes on to speak as it did. Nobody's data is needed.
 *
 * After LAMOL (Sun et al. 2020, 1909.03329), where a model makes up examples of what it learnt before. Differs: no marks
 * or tasks, only the first word of a sentence is given.
 */
import { derive, random } from '#base/random.ts';
import type { Example } from '#loop/example.ts';
import { asBase } from '#loop/policy/as-base.ts';
import type { Context } from '#loop/types.ts';

/** Frequent first words of English sentences. */
export const openers: readonly string[] =
	'The In When A It She He They There One After At For As If On But And This We His Her No From By To Once Some Many While With That'.split(
		' ',
	);

/** Tokens of the longest text. */
const maxTokens = 80;

/** `count` texts, sampled at temperature 1 anew each round; none from a model that does not chat, and may know no words. */
export async function plainTexts(
	count: number,
	context: Context,
	onProgress: (done: number) => void,
): Promise<readonly Example[]> {
	const { world, t } = context;
	if (!world.environment.chat) return [];
	const seed = derive(world.seed, 'plain-text', t);
	const draw = random(seed);
	const prompts = Array.from({ length: count }, () => draw.pick(openers));
	const texts = await asBase(context, () =>
		world.engine.generate(prompts, {
			...{ maxTokens, temperature: 1, seed, onProgress },
			signal: world.signal,
		}),
	);
	world.signal.throwIfAborted();
	return texts.flatMap(({ text, tokens, promptTokens }, i): readonly Example[] => {
		const prompt = prompts[i] ?? '';
		if (text === '') return [];
		// An engine that cannot tell its tokens gives none.
		const said = tokens.length > 0 && {
			tokens: { completion: tokens, ...(promptTokens && { prompt: promptTokens }) },
		};
		return [{ kind: 'text', difficulty: 0, prompt, completion: text, ...said }];
	});
}
