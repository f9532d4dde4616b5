/** @file Every recipe, as found in the files beside it; written by `npm run docs`. */
import { codet } from './agreement/codet.ts';
import { intuitor } from './agreement/intuitor.ts';
import { selfVerified } from './agreement/self-verification.ts';
import { settled } from './agreement/settled.ts';
import { unanimous } from './agreement/unanimous.ts';
import { easyToHard } from './easy-to-hard.ts';
import { backTranslated } from './english/back-translation.ts';
import { evolved } from './english/evol-instruct.ts';
import { groundedPairs } from './english/grounded-pairs.ts';
import { lmsiEnglish } from './english/lmsi-english.ts';
import { selfRewarding } from './english/self-rewarding.ts';
import { groundedEnglish } from './grounded.ts';
import { knowledge } from './knowledge.ts';
import { lmsi } from './lmsi.ts';
import { memoryAlone } from './memory/memory-alone.ts';
import { stream } from './memory/stream.ts';
import { preferences } from './preferences.ts';
import { ditto } from './records/ditto.ts';
import { newWords } from './records/new-words.ts';
import { spice } from './records/spice.ts';
import { reflexion } from './reflexion.ts';
import { restEm } from './rest-em.ts';
import { conpet } from './retention/conpet.ts';
import { evolvedMerge } from './retention/evolved-merge.ts';
import { ewc } from './retention/ewc.ts';
import { ssr } from './retention/ssr.ts';
import { ties } from './retention/ties.ts';
import { rlcd } from './rlcd.ts';
import { rest } from './sampling/rest.ts';
import { rft } from './sampling/rft.ts';
import { selfEvolve } from './sampling/self-evolve.ts';
import { diverseEvol } from './selection/diverse-evol.ts';
import { learnable } from './selection/learnable.ts';
import { mutated } from './selection/mutated.ts';
import { fitting } from './selection/selective-reflection.ts';
import { selfDebugging } from './self-debugging.ts';
import { selfInstructed } from './self-instruct.ts';
import { spag } from './spag.ts';
import { spinning } from './spin.ts';
import { star } from './star.ts';
import { adapting } from './worlds/adapting.ts';
import { eto } from './worlds/eto.ts';
import { invariant } from './worlds/invariant.ts';
import { restReact } from './worlds/rest-react.ts';

export const recipes = [
	codet,
	intuitor,
	selfVerified,
	settled,
	unanimous,
	easyToHard,
	backTranslated,
	evolved,
	groundedPairs,
	lmsiEnglish,
	selfRewarding,
	groundedEnglish,
	knowledge,
	lmsi,
	memoryAlone,
	stream,
	preferences,
	ditto,
	newWords,
	spice,
	reflexion,
	restEm,
	conpet,
	evolvedMerge,
	ewc,
	ssr,
	ties,
	rlcd,
	rest,
	rft,
	selfEvolve,
	diverseEvol,
	learnable,
	mutated,
	fitting,
	selfDebugging,
	selfInstructed,
	spag,
	spinning,
	star,
	adapting,
	eto,
	invariant,
	restReact,
] as const;
