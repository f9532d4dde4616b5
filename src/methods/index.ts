/** @file Every recipe, as found in the files beside it; written by `npm run docs`. */
import { easyToHard } from './easy-to-hard.ts';
import { groundedEnglish } from './grounded.ts';
import { knowledge } from './knowledge.ts';
import { lmsi } from './lmsi.ts';
import { memoryAlone } from './memory/memory-alone.ts';
import { preferences } from './preferences.ts';
import { reflexion } from './reflexion.ts';
import { restEm } from './rest-em.ts';
import { rlcd } from './rlcd.ts';
import { selfDebugging } from './self-debugging.ts';
import { selfInstructed } from './self-instruct.ts';
import { spag } from './spag.ts';
import { spinning } from './spin.ts';
import { star } from './star.ts';
import { restReact } from './worlds/rest-react.ts';

export const recipes = [
	easyToHard,
	groundedEnglish,
	knowledge,
	lmsi,
	memoryAlone,
	preferences,
	reflexion,
	restEm,
	rlcd,
	selfDebugging,
	selfInstructed,
	spag,
	spinning,
	star,
	restReact,
] as const;
