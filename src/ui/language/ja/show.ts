/** @file Present mode, pictures of a run and the page for teachers in Japanese. */
import type { Part } from '../part.ts';
import messages from './show.json?messages';

export const part: Part = { messages };
