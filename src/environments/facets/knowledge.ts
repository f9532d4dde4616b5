/** @file A body of knowledge: records that problems are made of, and that nobody can guess who has not learnt them. */
import type { Item } from '../item.ts';

/** One entry of a table, or one passage of a text. */
export interface KnowledgeRecord {
	readonly id: string;
	/** For people, and for whoever writes problems about it. */
	readonly text: string;
}

/** A facet that tells the truth. */
export interface Knowledge {
	/** In a fixed order. */
	readonly records: readonly KnowledgeRecord[];
	/** Every problem about a record, on whichever side of the split; none if there is no such record. */
	about(id: string): readonly Item[];
}
