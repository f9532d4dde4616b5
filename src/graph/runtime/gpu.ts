/** @file GPU of this browser, if it has one. */

export interface Gpu {
	/** Name for people: `nvidia ampere`; empty if the browser hides it. */
	readonly name: string;
	/** Software rendering: correct, but far slower than wasm. */
	readonly isEmulated: boolean;
}

/** The default GPU of WebGPU; null if there is none. */
export async function findGpu(): Promise<Gpu | null> {
	// Absent outside secure contexts and in older browsers, despite its type.
	const gpu = (navigator as { gpu?: GPU }).gpu;
	const adapter = await gpu?.requestAdapter().catch(() => null);
	return adapter ? describeGpu(adapter.info) : null;
}

/** Name of a GPU; software renderers that do not declare themselves are recognised by name. */
export function describeGpu(
	info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description'> & {
		/** Missing in older browsers. */
		readonly isFallbackAdapter?: boolean;
	},
): Gpu {
	const { vendor, architecture, description } = info;
	const name = [vendor, architecture, description].join(' ');
	return {
		name: [vendor, architecture].filter(Boolean).join(' '),
		isEmulated:
			info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name),
	};
}
