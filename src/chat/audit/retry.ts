/** @file A prompt that was found once, tried again under other weights. */
import { frameOf } from './frame.ts';
import { oracleOf, type AuditModel } from './oracle.ts';
import type { AuditLanguage, AuditText } from './texts.ts';

/** Does greedy decoding say all of the text to this prompt? */
export async function isSaidTo(
	language: AuditLanguage,
	model: AuditModel,
	{ target, system }: AuditText,
	prompt: string,
): Promise<boolean> {
	const oracle = oracleOf(model, frameOf(language, system), target, true);
	const [judged] = await oracle.judge([language.tokenizer.encode(prompt)]);
	return judged?.isSaid ?? false;
}
