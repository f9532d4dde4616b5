/** @file Rows of one run in order of (t, id), cut into pages; shared by the stores that sort for themselves. */

interface Ordered {
	readonly t: number;
	readonly id: string;
}

export interface Page {
	/** Only this round. */
	readonly t?: number;
	readonly offset?: number;
	readonly limit?: number;
}

/** Comparison by code units, as IndexedDB does it. */
const compare = (a: Ordered, b: Ordered): number =>
	a.t - b.t || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** A map by id that can also be read in order; sorts only when rows did not come in order. */
export class OrderedRows<Row extends Ordered> {
	readonly #byId = new Map<string, Row>();
	#sorted: Row[] = [];
	/** True if `#sorted` is out of date. */
	#stale = false;

	get size(): number {
		return this.#byId.size;
	}

	get(id: string): Row | undefined {
		return this.#byId.get(id);
	}

	put(row: Row): void {
		const before = this.#byId.get(row.id);
		this.#byId.set(row.id, row);
		if (this.#stale) return;
		const last = this.#sorted.at(-1);
		if (before?.t === row.t) this.#sorted[this.#firstFrom(row)] = row;
		else if (before === undefined && (last === undefined || compare(last, row) < 0))
			this.#sorted.push(row);
		else this.#stale = true;
	}

	page({ t, offset = 0, limit = Infinity }: Page = {}): readonly Row[] {
		if (this.#stale) {
			this.#sorted = [...this.#byId.values()].sort(compare);
			this.#stale = false;
		}
		const from = (t === undefined ? 0 : this.#firstFrom({ t, id: '' })) + offset;
		const end = t === undefined ? this.#sorted.length : this.#firstFrom({ t: t + 1, id: '' });
		return this.#sorted.slice(from, Math.max(from, Math.min(end, from + limit)));
	}

	/** Position of the first row that is not before this one. */
	#firstFrom(key: Ordered): number {
		let low = 0;
		let high = this.#sorted.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const at = this.#sorted[middle];
			if (at !== undefined && compare(at, key) < 0) low = middle + 1;
			else high = middle;
		}
		return low;
	}
}
