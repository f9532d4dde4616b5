/** @file Names of the files that a run's folder holds. */

export const headFile = 'run.json';
export const rowsFile = 'experiences.jsonl';
export const curveFile = 'curve.jsonl';
