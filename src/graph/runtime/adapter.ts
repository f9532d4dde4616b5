/** @file Which GPU this browser offers, if any. */

export interface Gpu {
	/** For people: `nvidia ampere`; empty where the browser does not tell. */
	readonly name: string;
	/** Software in the place of a GPU: right, but far slower than wasm. */
	readonly isEmulated: boolean;
}

/** The adapter that WebGPU gives by default; null where there is none. */
export async function findGpu(): Promise<Gpu | null> {
	// Absent outside secure contexts and in older browsers, whatever the type says.
	const gpu = (navigator as { gpu?: GPU }).gpu;
	const adapter = await gpu?.requestAdapter().catch(() => null);
	return adapter ? describeAdapter(adapter.info) : null;
}

/** Software adapters that do not say so themselves are known by name. */
export function describeAdapter(
	info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description'> & {
		/** Missing in older browsers. */
		readonly isFallbackAdapter?: boolean;
	},
): Gpu {
	const { vendor, architecture, description } = info;
	const said = [vendor, architecture, description].join(' ');
	return {
		name: [vendor, architecture].filter(Boolean).join(' '),
		isEmulated:
			info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(said),
	};
}
