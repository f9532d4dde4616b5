/** @file What Teach shows of its project, asks of it, and tells while it works. */
import type { AuditEvent } from '#chat/audit/audit-api.ts';
import type { StepPoint, TrainingSettings, ValidationPoint } from '#chat/train-rows.ts';
import type { PersonalKind } from '#dataset/refine/personal.ts';
import type { Preparation } from '#dataset/refine/prepare.ts';
import type { Left } from '#dataset/refine/prepared.ts';
import type { Written } from '#dataset/row.ts';
import type { Side } from '#dataset/refine/split.ts';
import type { WritingStage } from './lessons/write.ts';
import type { Project } from './project.ts';

/** The project with its counts. */
export interface ProjectView extends Project {
	readonly rows: number;
	readonly counts: Preparation;
	/** The files are still at hand, so that their format can be corrected. */
	readonly canReread: boolean;
}

/** A row for lists. */
export interface RowEntry {
	readonly id: string;
	/** Id as it is learnt: another one if something in it is blacked out. */
	readonly learnt: string;
	readonly file: string;
	readonly line: number;
	readonly side: Side;
	readonly asked: string;
	readonly answered: string;
	/** Of a preference: the answer that the other one is preferred to. */
	readonly worse?: string;
	/** An answer that is marked as bad and stands beside no good one: nothing is learnt of it. */
	readonly isBad?: boolean;
	readonly personal: readonly PersonalKind[];
	/** `file:line` of the row that it is like. */
	readonly like?: string;
	readonly left?: Left;
	readonly written?: Written;
}

export const rowFilters = [
	'all',
	'validation',
	'personal',
	'duplicates',
	'written',
	'left',
] as const;
export type RowFilter = (typeof rowFilters)[number];

/** Asks a model to write lessons of the running text. */
export interface WritingRequest {
	readonly model: string;
	readonly seed: number;
}

export interface LessonRequest {
	readonly model: string;
	readonly name: string;
	readonly maxTokens: number;
	readonly settings: TrainingSettings;
}

/** Events of work under way. */
export type TeachEvent =
	| AuditEvent
	| { readonly type: 'teach-read'; readonly rows: number; readonly file: string }
	| { readonly type: 'teach-step'; readonly point: StepPoint }
	| { readonly type: 'teach-validated'; readonly point: ValidationPoint }
	/** Texts of the base model written so far. */
	| { readonly type: 'teach-replayed'; readonly done: number; readonly total: number }
	| {
			readonly type: 'teach-written';
			readonly what: WritingStage;
			readonly done: number;
			readonly total: number;
	  }
	| {
			readonly type: 'teach-examined';
			readonly what: string;
			readonly done: number;
			readonly total: number;
	  };
