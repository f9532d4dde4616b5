/** @file What every kind of lesson is opened with. */
import type { Lesson } from '../lesson/lesson.ts';
import type { Offers } from '../lesson/offers.ts';
import type { Predictions } from './predictions.svelte.ts';

export interface LessonProps {
	readonly lesson: Lesson;
	readonly predictions: Predictions;
	/** It came from a file or a link. */
	readonly isForeign: boolean;
	readonly offers: Offers;
}
