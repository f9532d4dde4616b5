/** @file A link as a QR code: one SVG path over unit squares. */
import { encode } from 'uqr';

export interface QrDrawing {
	/** Squares on a side, the quiet zone included. */
	readonly size: number;
	readonly path: string;
}

/** Throws a RangeError for a link that is longer than a code can hold. */
export function qrOf(link: string): QrDrawing {
	let found: { readonly size: number; readonly data: readonly (readonly boolean[])[] };
	try {
		// The quiet zone of four squares that the standard asks for.
		found = encode(link, { ecc: 'M', border: 4 });
	} catch (cause) {
		throw new RangeError('This link is too long for a QR code; write it down.', { cause });
	}
	const path = found.data
		.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
		.join('');
	return { size: found.size, path };
}

/** True for an address that only this machine knows: a phone in the room cannot open it. */
export const isOwnAddress = (host: string): boolean =>
	/^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
