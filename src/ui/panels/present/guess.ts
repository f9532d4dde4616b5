/** @file Guess of a person in the room, made by the link that present mode shows; kept until the tab is closed. */
const key = 'evolvarium.guess';

/** Null if there is none, or if it cannot be read. */
export function readGuess(): number | null {
	try {
		const text = sessionStorage.getItem(key);
		const value = Number(text);
		return text !== null && Number.isInteger(value) && value >= 0 ? value : null;
	} catch {
		return null;
	}
}

export function writeGuess(guess: number | null): void {
	try {
		if (guess === null) sessionStorage.removeItem(key);
		else sessionStorage.setItem(key, String(guess));
	} catch {
		// Storage is forbidden here: it lasts as long as the card.
	}
}
