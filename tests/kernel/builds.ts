/** @file Both builds of the kernel in Node, whose relaxed instructions wait behind a flag. */
import { setFlagsFromString } from 'node:v8';
import type { KernelBuild } from '#kernel/node.ts';

setFlagsFromString('--experimental-wasm-relaxed-simd');

/** Every build that is shipped for threads; one thread runs them too. */
export const builds: readonly KernelBuild[] = ['plain', 'relaxed'];
