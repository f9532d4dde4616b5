/** @file Number of wordings in which a rule asks for each fact, for those that reckon with it. */

/** Wordings of each fact that are trained on. */
export const trainedWordings = 4;
