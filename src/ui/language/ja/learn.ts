/** @file Learn, tour and terms in Japanese. */
import type { Part } from '../part.ts';
import messages from './learn.json?messages';
import lessons from './lessons.json' with { type: 'json' };
import terms from './terms.json' with { type: 'json' };

export const part: Part = { messages, lessons, terms };
