/** @file Dialogs and lower parts of World in Japanese. */
import type { Part } from '../part.ts';
import messages from './more.json?messages';

export const part: Part = { messages };
