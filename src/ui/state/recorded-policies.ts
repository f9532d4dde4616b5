/** @file Policies of a recorded run, fetched from beside the recording. */
import { adapterPath } from '#runs/stored/recorded-adapters.ts';
import type { Recording } from '#runs/stored/recording.ts';
import type { RecordedPolicies } from '#runs/session.ts';

/** Fetches every adapter of the recording at `url`; throws an Error with a sentence and its remedy. */
export async function fetchPolicies(
	{ recipe, adapters = [] }: Recording,
	url: string,
): Promise<RecordedPolicies> {
	const files = adapters.map(async ({ t, parameters }) => {
		const response = await fetch(adapterPath(url, t)).catch(() => undefined);
		if (!response?.ok)
			throw new Error(
				`The recorded model of round ${t} did not come; check the connection and ask again.`,
			);
		return { parameters, bytes: new Uint8Array(await response.arrayBuffer()) };
	});
	return { recipe, adapters: await Promise.all(files) };
}
