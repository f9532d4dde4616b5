/** @file A failure as one sentence in the language shown. */
import { said } from './language.svelte.ts';
import { asSessionError } from '../state/live.svelte.ts';

export const faultWords = (error: unknown): string => said(asSessionError(error).message);
