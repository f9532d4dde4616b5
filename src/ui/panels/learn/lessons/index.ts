/** @file The lessons that come with the page, in the order in which they are told. */
import { readLesson, type Lesson } from '../lesson/lesson.ts';
import english from './english.json' with { type: 'json' };
import filter from './filter.json' with { type: 'json' };
import forgetting from './forgetting.json' with { type: 'json' };
import harder from './harder.json' with { type: 'json' };
import loop from './loop.json' with { type: 'json' };
import looks from './looks.json' with { type: 'json' };
import lora from './lora.json' with { type: 'json' };
import memory from './memory.json' with { type: 'json' };
import numbers from './numbers.json' with { type: 'json' };
import play from './play.json' with { type: 'json' };
import privacy from './privacy.json' with { type: 'json' };
import who from './who.json' with { type: 'json' };

export const lessons: readonly Lesson[] = [
	...[loop, harder, filter, who, looks, forgetting, memory, play, lora, english, privacy, numbers],
].map(readLesson);
