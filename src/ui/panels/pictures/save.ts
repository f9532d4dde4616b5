/** @file Pictures to files: SVG as it is, or drawn to a PNG in the page; nothing is asked of the network. */
import { download } from '../runs/files.ts';

/** Pixels of the PNG for each of the SVG. */
const scale = 2;

/** Draws an SVG document to a PNG; rejects if the browser cannot. */
export async function pngOf(svg: string): Promise<Uint8Array> {
	const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		const canvas = document.createElement('canvas');
		canvas.width = image.naturalWidth * scale;
		canvas.height = image.naturalHeight * scale;
		canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
		const blob = await new Promise<Blob | null>((resolve) => {
			canvas.toBlob(resolve, 'image/png');
		});
		if (!blob) throw new Error('This browser could not draw the picture; save it as SVG.');
		return new Uint8Array(await blob.arrayBuffer());
	} finally {
		URL.revokeObjectURL(url);
	}
}

const bytesOf = (words: string): Uint8Array => new TextEncoder().encode(words);

export const saveText = (name: string, words: string): void => {
	download({ name, bytes: bytesOf(words) });
};

export const savePng = async (name: string, svg: string): Promise<void> => {
	download({ name, bytes: await pngOf(svg) });
};
