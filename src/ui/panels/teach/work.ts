/** @file What is under way in Teach, one thing at a time, and how much a list shows of it. */
import { faultWords } from '../../language/fault-words.ts';
import { t } from '../../language/language.svelte.ts';
import { asSessionError } from '../../state/live.svelte.ts';

/** Rows on one page of the list. */
export const rowsShown = 20;

/** Empty if nothing is. */
export type Busy =
	| ''
	| 'reading'
	| 'opening'
	| 'training'
	| 'examining'
	| 'measuring'
	| 'writing'
	| 'handing over'
	| 'auditing'
	| 'comparing';

/** The browser asks before the tab is closed; what was learnt since the last snapshot would be done again. */
export const warnBeforeClosing = (event: BeforeUnloadEvent): void => {
	event.preventDefault();
};

/** Why work ended early: it was stopped by the person, or failed. */
export function endWords(error: unknown): string {
	const { code, message } = asSessionError(error);
	return code === 'unexpected' && /abort/i.test(message) ? t('do.stopped') : faultWords(error);
}
