/** @file Where the server of the benchmarks tells what processor time Chromium's renderers took, on Linux. */
export const processorTimePath = '/processor-time';
