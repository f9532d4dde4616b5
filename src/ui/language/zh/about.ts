/** @file The page About in Chinese. */
import type { Part } from '../part.ts';
import messages from './about.json?messages';

export const part: Part = { messages };
