/** @file A row made ready to learn from, with what was found in it and what becomes of it. */
import type { DataRow } from '../row.ts';
import type { PersonalKind } from './personal.ts';
import type { Side } from './split.ts';

export interface PreparedRow {
	/** As it is learnt: redacted if that was chosen. */
	readonly row: DataRow;
	/** Id as it was read; differs from that of `row` if it was redacted. */
	readonly id: string;
	readonly side: Side;
	/** Index of the row that it is like. */
	readonly like?: number;
	readonly personal: readonly PersonalKind[];
	/** Why it is not learnt. */
	readonly left?: Left;
}

/** Why a row is not learnt: `form` if the other form of its text is, `check` if the check of what a
 * model wrote failed, `paired` if it is the worse answer of another row. */
export type Left = 'duplicate' | 'personal' | 'excluded' | 'form' | 'check' | 'paired';
