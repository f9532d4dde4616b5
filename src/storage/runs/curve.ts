/**
 * @file Loss curve of a run in pieces: the points that one commit added are a record of their own, so that a
 * commit writes what is new and not the whole curve.
 */
import * as v from 'valibot';
import { count, list, object, readOr } from '#base/schema.ts';
import { curvePointSchema, type CurvePoint } from './record.ts';

/** Points that one commit added. */
export interface CurvePiece {
	/** Number of points before it. */
	readonly from: number;
	readonly points: readonly CurvePoint[];
}

const pieceSchema = object({ from: count, points: v.pipe(list(curvePointSchema), v.nonEmpty()) });

export const readPiece = (value: unknown): CurvePiece | undefined => readOr(pieceSchema, value);

/** Points of the curve still to be written, if `stored` points are; undefined for nothing. */
export function pieceAfter(stored: number, curve: readonly CurvePoint[]): CurvePiece | undefined {
	const from = curve.length < stored ? 0 : stored;
	return curve.length === from ? undefined : { from, points: curve.slice(from) };
}

/** The curve of `length` points; a point whose piece could not be read has no loss (NaN). */
export function joinPieces(pieces: readonly CurvePiece[], length: number): readonly CurvePoint[] {
	const curve: (CurvePoint | undefined)[] = Array.from({ length });
	for (const { from, points } of pieces)
		points.forEach((point, i) => {
			if (from + i < length) curve[from + i] = point;
		});
	let last: CurvePoint = { t: 0, step: 0, loss: Number.NaN, gradientNorm: Number.NaN };
	return curve.map((point) => {
		last = point ?? { ...last, loss: Number.NaN, gradientNorm: Number.NaN };
		return last;
	});
}
