/** @file An environment whose scorer has a sandbox at hand, for programs that a model wrote. */
import type { Sandbox } from '#environments/programs/sandbox.ts';
import type { Scorer, ScoreTools } from '#environments/score.ts';

/** The environment as it is where there is no sandbox. */
export const equipped = <E extends { readonly score: Scorer }>(
	environment: E,
	sandbox: Sandbox | undefined,
): E =>
	sandbox
		? {
				...environment,
				score: (scored: Parameters<Scorer>[0], tools?: ScoreTools) =>
					environment.score(scored, {
						signal: tools?.signal ?? new AbortController().signal,
						sandbox,
					}),
			}
		: environment;
