/** @file Methods and environments that the addresses of a lesson may name. */
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';

export const catalogue = { methods, environments: Object.values(environments) };
