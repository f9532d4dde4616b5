/** @file The page's single-letter keys: on until a person switches them off, which this browser remembers. */
const key = 'evolvarium.keys';

export class Keys {
	on = $state(read());

	toggle(): void {
		this.on = !this.on;
		try {
			if (this.on) localStorage.removeItem(key);
			else localStorage.setItem(key, 'off');
		} catch {
			// storage is forbidden here: the choice lasts as long as the page
		}
	}
}

function read(): boolean {
	try {
		return localStorage.getItem(key) !== 'off';
	} catch {
		return true;
	}
}
