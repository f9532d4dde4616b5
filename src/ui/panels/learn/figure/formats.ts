/** @file Formats in which a figure of a lesson can be saved. */
export const formats = ['SVG', 'PNG', 'CSV'] as const;
export type Format = (typeof formats)[number];
