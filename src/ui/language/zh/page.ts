/** @file What the first paint needs in Chinese. */
import type { Part } from '../part.ts';
import data from './data.json' with { type: 'json' };
import messages from './page.json?messages';

export const part: Part = { messages, data };
