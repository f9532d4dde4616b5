/** @file Predictions of the reader, made before each lesson's runs; kept in this browser only. */
import * as v from 'valibot';
import { object, readOr, whole } from '#base/schema.ts';

const key = 'evolvarium.predictions';

/** What was expected and what came out, by index of the option; −1 is none. */
export interface Prediction {
	/** Absent if the reader skipped the question. */
	readonly option?: number;
	/** Absent before the runs came to their end. */
	readonly outcome?: number;
}

const schema = v.record(
	v.string(),
	object({ option: v.exactOptional(whole), outcome: v.exactOptional(whole) }),
);

export class Predictions {
	#all = $state.raw<Readonly<Record<string, Prediction>>>(stored());

	of(lesson: string): Prediction | undefined {
		return Object.hasOwn(this.#all, lesson) ? this.#all[lesson] : undefined;
	}

	set(lesson: string, prediction: Prediction | undefined): void {
		const others = Object.entries(this.#all).filter(([id]) => id !== lesson);
		this.#all = Object.fromEntries(prediction ? [...others, [lesson, prediction]] : others);
		try {
			localStorage.setItem(key, JSON.stringify(this.#all));
		} catch {
			// Storage is forbidden here: they last as long as the page.
		}
	}
}

function stored(): Readonly<Record<string, Prediction>> {
	try {
		return readOr(schema, JSON.parse(localStorage.getItem(key) ?? '{}')) ?? {};
	} catch {
		return {};
	}
}
