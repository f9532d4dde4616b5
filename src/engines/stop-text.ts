/**
 * @file Stop text search over streamed pieces. The stop text that is completed first wins; of two completed at the same
 * character, the one that began first. So the cut does not depend on how the text is split into pieces.
 */

/** A piece of an answer: a token's text, which may be empty. */
interface Piece {
	readonly text: string;
}

/** Stream of pieces: text that may begin a stop text is held back. */
export interface StopText<P extends Piece> {
	/** The pieces that are final now, oldest first; the last may be shortened by the stop text after it. */
	push(piece: P): readonly P[];
	/** A stop text was found; text from there on is dropped. */
	readonly stopped: boolean;
	/** The pieces held back, for an answer that ends for another reason. */
	flush(): readonly P[];
}

/** Opens a search for the first of `stops`; empty ones are ignored. */
export function findStop<P extends Piece>(stops: readonly string[]): StopText<P> {
	const wanted = stops.filter((stop) => stop !== '');
	const longest = Math.max(0, ...wanted.map((stop) => stop.length));
	let held: P[] = [];
	/** Text of `held`. */
	let text = '';
	let stopped = false;

	/** Releases the pieces within the first `settled` UTF-16 units of `text`; `all` shortens the last. */
	const release = (settled: number, all: boolean): P[] => {
		const out: P[] = [];
		let at = 0;
		for (const piece of held) {
			const end = at + piece.text.length;
			if (end > settled) {
				if (all && at < settled) out.push({ ...piece, text: piece.text.slice(0, settled - at) });
				break;
			}
			// A token without text after the cut belongs to the stop text.
			if (all && at === settled && settled < text.length) break;
			out.push(piece);
			at = end;
		}
		held = held.slice(out.length);
		text = text.slice(at);
		return out;
	};

	return {
		push: (piece) => {
			if (stopped) return [];
			const before = text.length;
			held.push(piece);
			text += piece.text;
			for (let end = before + 1; end <= text.length; end++) {
				const starts = wanted
					.filter((stop) => text.endsWith(stop, end))
					.map((stop) => end - stop.length);
				if (starts.length === 0) continue;
				stopped = true;
				return release(Math.min(...starts), true);
			}
			for (let from = Math.max(0, text.length - longest + 1); from < text.length; from++) {
				const tail = text.slice(from);
				if (wanted.some((stop) => stop.startsWith(tail))) return release(from, false);
			}
			return release(text.length, false);
		},
		get stopped() {
			return stopped;
		},
		flush: () => (stopped ? [] : release(text.length, false)),
	};
}

/** The part of a whole text before its stop text, if it has one. */
export function cutAtStop(
	text: string,
	stops: readonly string[] = [],
): { readonly text: string; readonly stopped: boolean } {
	const search = findStop(stops);
	const kept = [...search.push({ text }), ...search.flush()];
	return { text: kept.map((piece) => piece.text).join(''), stopped: search.stopped };
}
