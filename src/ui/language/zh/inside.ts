/** @file Inside of one experience in Chinese. */
import type { Part } from '../part.ts';
import messages from './inside.json?messages';

export const part: Part = { messages };
