/** @file The model that was talked with last, noted in local storage: after a reload it is one click away. */
const key = 'evolvarium.chat.model';

export function readKeptModel(): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return null; // storage is forbidden here: a person chooses again
	}
}

export function keepModel(model: string): void {
	try {
		localStorage.setItem(key, model);
	} catch {
		// storage is forbidden here: a person chooses again
	}
}
