/** @file Lessons of the page with their words in the language shown, which are a file for each language. */
import { language } from '../../language/language.svelte.ts';
import { readLesson, type Lesson } from './lesson/lesson.ts';

/** One of the page's own lessons, in English and in the language shown. */
export function translated(lesson: Lesson): Lesson {
	const said = language.learn?.lessons?.[lesson.id];
	if (said === undefined) return lesson;
	return readLesson({ ...lesson, words: { ...lesson.words, [language.tag]: said } });
}
